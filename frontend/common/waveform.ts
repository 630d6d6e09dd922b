/* The waveform of a recording: pairs of signed bytes, lowest and highest of equal stretches, drawn as bars.
   A click goes there; keys are the player's own, so screen readers are told nothing of it. */

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 64;
const BAR = 5;
const FULL_SCALE = 127;
const MOST_BARS = 240;

/** The loudest of as many pairs as one bar stands for, from 0 to 1. */
export function bars(peaks: Int8Array, count: number): number[] {
  const pairs = Math.floor(peaks.length / 2);
  return Array.from({ length: count }, (_, bar) => {
    const [from, to] = [Math.floor((bar * pairs) / count), Math.max(Math.floor(((bar + 1) * pairs) / count), Math.floor((bar * pairs) / count) + 1)];
    return peaks.subarray(2 * from, 2 * to).reduce((loudest, value) => Math.max(loudest, Math.abs(value) / FULL_SCALE), 0);
  });
}

function shape(name: string, kind: string): SVGElement {
  const made = document.createElementNS(SVG, name) as SVGElement;
  made.setAttribute("class", kind);
  return made;
}

export class Waveform {
  private readonly done = shape("path", "w-done");
  private readonly rest = shape("path", "w-rest");
  private readonly now = shape("path", "w-now");
  private readonly width: number;

  static async beside(player: HTMLMediaElement, place: HTMLElement): Promise<void> {
    try {
      const answer = await fetch(place.dataset["peaks"] ?? "", { redirect: "error" });
      if (!answer.ok) return;
      const peaks = new Int8Array(await answer.arrayBuffer());
      if (peaks.length >= 2) new Waveform(player, place, bars(peaks, Math.min(MOST_BARS, peaks.length / 2)));
    } catch {
      // without it the player alone does
    }
  }

  private constructor(
    private readonly player: HTMLMediaElement,
    place: HTMLElement,
    private readonly heights: number[],
  ) {
    this.width = heights.length * BAR;
    const drawing = shape("svg", "wave");
    drawing.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`);
    drawing.setAttribute("preserveAspectRatio", "none");
    drawing.setAttribute("aria-hidden", "true");
    drawing.append(this.rest, this.done, this.now);
    drawing.addEventListener("click", (event) => this.goTo(event, drawing));
    for (const told of ["timeupdate", "seeking", "loadedmetadata"]) player.addEventListener(told, () => this.draw());
    place.append(drawing);
    place.hidden = false;
    this.draw();
  }

  private goTo(event: Event, drawing: SVGElement): void {
    if (!(event instanceof MouseEvent) || !Number.isFinite(this.player.duration)) return;
    const box = drawing.getBoundingClientRect();
    this.player.currentTime = ((event.clientX - box.left) / box.width) * this.player.duration;
  }

  private draw(): void {
    const share = Number.isFinite(this.player.duration) ? this.player.currentTime / this.player.duration : 0;
    const reached = Math.round(share * this.heights.length);
    this.done.setAttribute("d", this.lines(0, reached));
    this.rest.setAttribute("d", this.lines(reached, this.heights.length));
    this.now.setAttribute("d", `M${(share * this.width).toFixed(1)} 0V${HEIGHT}`);
  }

  private lines(from: number, to: number): string {
    return this.heights
      .slice(from, to)
      .map((height, at) => {
        const half = Math.max(1, (height * HEIGHT) / 2);
        return `M${(from + at) * BAR + BAR / 2} ${(HEIGHT / 2 - half).toFixed(1)}v${(2 * half).toFixed(1)}`;
      })
      .join("");
  }
}
