#!/usr/bin/env bash
# How the demonstration's media were made, offline, from nothing but this script and the transcripts beside it.
# Kept as a record: the demonstration ships the finished files and never runs this.
# Needs espeak-ng, ffmpeg, Python 3.11 with Pillow and numpy, and the DejaVu fonts. Usage: make_media.sh [PYTHON]
set -euo pipefail

python="${1:-python3}"
content="$(cd "$(dirname "$0")" && pwd)/content"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$content/media" "$work/yard" "$work/road"

# Speech: every segment of a transcript is spoken by a synthetic voice and laid at its start time.
"$python" - "$content" "$work" <<'PYTHON'
import array, pathlib, subprocess, sys, tomllib, wave

content, work = map(pathlib.Path, sys.argv[1:])
VOICES = {
    ("hy", "witness"): "hy+f2", ("hy", "interviewer"): "hy+f4",
    ("ru", "witness"): "ru+f3", ("ru", "interviewer"): "ru+f1",
    ("en", "witness"): "en-gb+m3", ("en", "interviewer"): "en-gb+m7",
    ("quince", "witness"): "hy+m3",
}
RATE = 22_050

for path in sorted((content / "transcripts").glob("*.toml")):
    recording = tomllib.loads(path.read_text(encoding="utf-8"))
    track = array.array("h", bytes(2 * int(RATE * (recording["segments"][-1]["end"] + 0.5))))
    for segment in recording["segments"]:
        speaker = segment["speaker"]
        voice = VOICES.get((path.stem, speaker)) or VOICES[recording["language"], speaker]
        spoken = segment["text"].replace("[uncertain]", "м-м")
        subprocess.run(["espeak-ng", "-v", voice, "-s", "140", "-w", work / "segment.wav", spoken], check=True)
        with wave.open(str(work / "segment.wav")) as wav:
            samples = array.array("h", wav.readframes(wav.getnframes()))
        start = int(segment["start"] * RATE)
        track[start : start + len(samples)] = samples
    with wave.open(str(work / f"{path.stem}.wav"), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(track.tobytes())
PYTHON

for key in juniper heron slate; do
  ffmpeg -v error -y -i "$work/$key.wav" -c:a libopus -b:a 24k -application voip "$content/media/$key.ogg"
done

# Pictures: two films drawn frame by frame, a scanned notice of two pages, and a photograph with a position in it.
"$python" - "$content/media" "$work" <<'PYTHON'
import math, pathlib, sys
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from PIL.TiffImagePlugin import IFDRational

media, work = map(pathlib.Path, sys.argv[1:])
chance = np.random.default_rng(22)
FONTS = pathlib.Path("/usr/share/fonts/truetype/dejavu")


def font(size, name="DejaVuSans"):
    return ImageFont.truetype(FONTS / f"{name}.ttf", size)


def grain(image, strength):
    pixels = np.asarray(image).astype(np.int16)
    noise = chance.normal(0, strength, pixels.shape[:2])
    return Image.fromarray(np.clip(pixels + (noise[..., None] if pixels.ndim == 3 else noise), 0, 255).astype(np.uint8))


def yard(number):
    """A man in his yard, drawn: he sways, blinks, speaks; hives behind him; the camera's clock burnt in."""
    t = number / 12
    image = Image.new("RGB", (384, 288), "#b9c4c9")
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 150), (90, 96), (190, 140), (290, 88), (384, 130), (384, 200), (0, 200)], fill="#8d9a94")
    draw.rectangle((0, 190, 384, 288), fill="#dfe3e2")
    for left, colour in ((18, "#7f93a8"), (66, "#b39b63"), (300, "#8fa27e"), (346, "#a87f74")):
        draw.rectangle((left, 158, left + 34, 206), fill=colour, outline="#4d4a45")
        draw.rectangle((left + 8, 194, left + 26, 198), fill="#2f2c29")
    x, y = 192 + 26 * math.sin(t * 0.9), 118 + 5 * math.sin(t * 2.1)
    draw.rounded_rectangle((x - 72, y + 62, x + 72, 320), 30, fill="#4a4f57")
    draw.rectangle((x - 15, y + 44, x + 15, y + 76), fill="#b98d70")
    draw.ellipse((x - 44, y - 56, x + 44, y + 60), fill="#c99c7e", outline="#8a6650", width=2)
    draw.pieslice((x - 47, y - 64, x + 47, y + 26), 180, 360, fill="#55504a")
    for side in (-1, 1):
        eye = x + side * 18 + 3 * math.sin(t * 0.9)
        if number % 40 > 2:
            draw.ellipse((eye - 8, y - 10, eye + 8, y), fill="#f4efe8")
            draw.ellipse((eye - 3, y - 9, eye + 3, y - 2), fill="#2b2521")
        else:
            draw.line((eye - 8, y - 5, eye + 8, y - 5), fill="#6d4f3e", width=2)
        draw.line((eye - 9, y - 17, eye + 9, y - 19), fill="#3d3833", width=4)
    draw.line((x, y - 2, x - 5, y + 18, x + 3, y + 19), fill="#8a6650", width=3)
    gape = 3 + 6 * abs(math.sin(t * 7)) if 0.4 < t % 5.2 < 4.6 else 2
    draw.ellipse((x - 14, y + 32 - gape, x + 14, y + 32 + gape), fill="#6b2f2b")
    draw.rectangle((6, 262, 186, 282), fill="#101010")
    draw.text((12, 264), f"2026-04-12 09:41:{7 + int(t):02d}", font=font(14, "DejaVuSansMono"), fill="#f2f2f2")
    return image


def road(number):
    """Lorries standing in the snow, wipers upright; the clock is a day behind, the credit is on the picture."""
    image = Image.new("RGB", (384, 216), "#a9b1b8")
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 120), (120, 30), (210, 96), (300, 20), (384, 90), (384, 216), (0, 216)], fill="#c9cfd3")
    draw.polygon([(60, 216), (190, 104), (214, 104), (384, 216)], fill="#eef1f2")
    for scale, left, base in ((0.5, 176, 122), (0.8, 196, 150), (1.3, 232, 204)):
        w, h = 54 * scale, 46 * scale
        draw.rectangle((left, base - h, left + w, base), fill="#5d6a63", outline="#39413d")
        draw.rectangle((left, base - h - 5 * scale, left + w, base - h + 3 * scale), fill="#f7f9fa")
        draw.rectangle((left + 6 * scale, base - 34 * scale, left + w - 6 * scale, base - 18 * scale), fill="#2d3436")
        for wiper in (16, 36):
            draw.line((left + wiper * scale, base - 18 * scale, left + wiper * scale, base - 40 * scale), fill="#111", width=2)
    for flake in range(60):
        x = (flake * 67 + number * (1 + flake % 3)) % 384
        y = (flake * 41 + number * (3 + flake % 4)) % 216
        draw.ellipse((x, y, x + 2, y + 2), fill="white")
    draw.rectangle((6, 6, 186, 24), fill="#101010")
    draw.text((10, 7), f"2026-01-03 07:12:{20 + number // 12:02d}", font=font(14, "DejaVuSansMono"), fill="#f2f2f2")
    draw.text((222, 196), "Pass Road Pictures", font=font(13), fill="#101010")
    return image


NOTICE = """Комендатура города
Отдел учёта

ОБЪЯВЛЕНИЕ

1. С 13 по 17 апреля 2026 года проводится
проверка документов, удостоверяющих личность.

2. Документы сдаются уполномоченным лицам
по месту жительства. Взамен выдаётся талон.

3. Срок проверки: десять дней.

4. Лица без талона к пунктам выдачи хлеба
и к мосту не допускаются.

5. Вопросы по проверке не принимаются."""

SLIP = """ТАЛОН  № 1168

Принят документ:   паспорт, 1 (один)

Фамилия, имя:   Тарвенцева Галина

Адрес:   ул. Мельничная, 21

Явиться через:   10 дней

Подпись:"""


def page(text, size, stamp, skew):
    """A page as a tired scanner gives it: grey, grainy, a little crooked, folded once."""
    paper = Image.new("L", (826, 1169), 246)
    draw = ImageDraw.Draw(paper)
    draw.multiline_text((96, 130), text, font=font(size, "DejaVuSerif"), fill=46, spacing=16)
    seal = Image.new("L", (240, 240), 0)
    ink = ImageDraw.Draw(seal)
    ink.ellipse((8, 8, 232, 232), outline=150, width=6)
    ink.ellipse((34, 34, 206, 206), outline=130, width=2)
    ink.text((120, 120), stamp, font=font(25), fill=170, anchor="mm")
    seal = seal.rotate(14, expand=False).filter(ImageFilter.GaussianBlur(1))
    paper.paste(70, (470, 720), seal)
    draw.line((0, 586, 826, 590), fill=214, width=3)
    scanned = paper.rotate(skew, fillcolor=205, resample=Image.Resampling.BICUBIC)
    return grain(scanned.filter(ImageFilter.GaussianBlur(0.7)), 7)


def school():
    """The corner of the school at dusk: desks as on a shelf, a blackboard, snow."""
    shade = np.linspace(0, 1, 600)[:, None, None] * np.array([70, 60, 40]) + np.array([96, 112, 138])
    image = Image.fromarray(np.broadcast_to(shade, (600, 800, 3)).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 470), (800, 440), (800, 600), (0, 600)], fill="#d9dde3")
    draw.rectangle((90, 170, 560, 480), fill="#8b7b69")
    draw.polygon([(80, 170), (325, 80), (470, 128), (440, 150), (470, 172)], fill="#54463f")
    draw.polygon([(560, 480), (560, 300), (520, 262), (536, 214), (470, 172), (420, 232), (436, 300), (400, 480)], fill="#3a342f")
    draw.rectangle((448, 262, 512, 312), fill="#2a4238")
    for desk in range(3):
        draw.rectangle((440 + desk * 34, 356 + desk * 6, 466 + desk * 34, 362 + desk * 6), fill="#a98b5c")
        draw.line((444 + desk * 34, 362 + desk * 6, 444 + desk * 34, 388), fill="#6d5a3d", width=3)
    for left in (120, 200, 280):
        draw.rectangle((left, 240, left + 50, 320), fill="#191b20")
        draw.line((left, 240, left + 32, 300), fill="#6f7680", width=2)
    for _ in range(70):
        x, y = int(chance.integers(380, 700)), int(chance.integers(486, 560))
        draw.rectangle((x, y, x + int(chance.integers(4, 18)), y + int(chance.integers(3, 9))), fill="#75695c")
    for _ in range(12):
        x, y = int(chance.integers(300, 760)), int(chance.integers(500, 570))
        draw.polygon([(x, y), (x + 14, y - 5), (x + 26, y), (x + 13, y + 5)], fill="#f6f5ef")
    return grain(image.filter(ImageFilter.GaussianBlur(1.1)), 6)


for number in range(12 * 11):
    yard(number).save(work / "yard" / f"{number:04d}.png")
for number in range(12 * 6):
    road(number).save(work / "road" / f"{number:04d}.png")

first, second = page(NOTICE, 23, "УЧЁТ", 0.9), page(SLIP, 29, "16.04.2026", -1.3)
first.save(media / "slip.pdf", save_all=True, append_images=[second], resolution=100, quality=58)

exif = Image.Exif()
exif[0x010F], exif[0x0110] = "Halmer", "Halmer Pocket 3"
exif[0x0132] = "2026:03:22 18:04:11"
exif.get_ifd(0x8769)[0x9003] = "2026:03:22 18:04:11"
gps = exif.get_ifd(0x8825)
gps[1], gps[2] = "S", (IFDRational(48), IFDRational(52), IFDRational(3160, 100))  # the middle of an ocean
gps[3], gps[4] = "W", (IFDRational(123), IFDRational(23), IFDRational(3360, 100))
school().save(media / "school.jpg", quality=80, exif=exif)
PYTHON

ffmpeg -v error -y -framerate 12 -i "$work/yard/%04d.png" -i "$work/quince.wav" -t 11 \
  -c:v libvpx-vp9 -b:v 0 -crf 38 -pix_fmt yuv420p -c:a libopus -b:a 24k "$content/media/quince.webm"
ffmpeg -v error -y -framerate 12 -i "$work/road/%04d.png" \
  -c:v libvpx-vp9 -b:v 0 -crf 40 -pix_fmt yuv420p "$content/media/pass-road.webm"
