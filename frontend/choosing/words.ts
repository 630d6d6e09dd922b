/* What the page says about files: words from its template, numbers as its language writes them. */

const SIZES = [
  ["gigabyte", 1_000_000_000],
  ["megabyte", 1_000_000],
  ["kilobyte", 1_000],
] as const;

export class Words {
  private readonly language = document.documentElement.lang || "en";

  constructor(private readonly template: HTMLTemplateElement) {}

  /** Where the worker lies. */
  get worker(): string {
    return this.template.dataset["worker"] ?? "";
  }

  /** The sentence of that name, with `{names}` filled in. Raises where the page has none. */
  say(name: string, values: Readonly<Record<string, string>> = {}): string {
    const found = this.template.content.querySelector<HTMLElement>(`[data-say="${name}"]`);
    if (found === null) throw new Error(`a page without words for ${name}`);
    return (found.textContent ?? "").replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
  }

  /** The sentence of that name for a number of files, in the plural that the language has for it. */
  count(name: string, files: number): string {
    return this.say(`${name}-${files}`);
  }

  part(name: string): HTMLElement {
    const found = this.template.content.querySelector<HTMLElement>(`[data-upload-part="${name}"]`);
    if (found === null) throw new Error(`a page without ${name}`);
    return found.cloneNode(true) as HTMLElement;
  }

  size(bytes: number): string {
    const [unit, factor] = SIZES.find(([, least]) => bytes >= least) ?? SIZES[2];
    return this.unit(unit, bytes > 0 ? Math.max(0.1, bytes / factor) : 0);
  }

  speed(bytesEachSecond: number): string {
    const [unit, factor] = SIZES.find(([, least]) => bytesEachSecond >= least) ?? SIZES[2];
    return this.unit(`${unit}-per-second`, bytesEachSecond / factor);
  }

  /** In one unit, rounded up: what is left is a guess. */
  time(seconds: number): string {
    if (seconds >= 5400) return this.unit("hour", seconds / 3600);
    if (seconds >= 90) return this.unit("minute", Math.ceil(seconds / 60));
    return this.unit("second", Math.max(1, Math.ceil(seconds / 5) * 5));
  }

  private unit(unit: string, value: number): string {
    const digits = { maximumFractionDigits: value < 100 ? 1 : 0 };
    if (Intl.NumberFormat.supportedLocalesOf(this.language).length === 0) return this.say(unit, { n: this.number(value, digits) });
    return new Intl.NumberFormat(this.language, { style: "unit", unit, unitDisplay: "short", ...digits }).format(value);
  }

  /** In a language that this browser does not know: Chromium writes Armenian numbers as English ones. */
  private number(value: number, digits: Intl.NumberFormatOptions): string {
    const [, sign = "."] = this.say("a-half");
    return new Intl.NumberFormat("en", { useGrouping: false, ...digits }).format(value).replace(".", sign);
  }
}
