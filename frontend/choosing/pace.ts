/* How fast a file goes, over the last moments, so that the time left neither jumps nor lies. */

const WINDOW = 12_000;

interface Moment {
  readonly at: number;
  readonly sent: number;
}

export class Pace {
  private moments: Moment[] = [];

  /** `sent` bytes have gone by now. */
  mark(sent: number, at: number = Date.now()): void {
    this.moments.push({ at, sent });
    this.moments = this.moments.filter((moment) => at - moment.at <= WINDOW);
  }

  /** A rest is no slowness. */
  rest(): void {
    this.moments = [];
  }

  /** Bytes each second; null while it cannot be told. */
  get speed(): number | null {
    const [first, last] = [this.moments[0], this.moments[this.moments.length - 1]];
    if (first === undefined || last === undefined || last.at - first.at < 1_000 || last.sent <= first.sent) return null;
    return ((last.sent - first.sent) * 1000) / (last.at - first.at);
  }
}
