/* How long to wait before trying again: longer each time, and never all at once. */

const FIRST = 1_000;
const LONGEST = 60_000;

export class Patience {
  private times = 0;

  /** Milliseconds: from 1 s to 60 s, of which a random half is taken off, so that many do not come back together. */
  next(): number {
    const whole = Math.min(LONGEST, FIRST * 2 ** this.times);
    this.times += 1;
    return whole / 2 + (Math.random() * whole) / 2;
  }

  reset(): void {
    this.times = 0;
  }
}

const MIB = 1_048_576;
const SMALLEST = MIB / 4;
const LARGEST = 8 * MIB;
const QUICK = 1_500;
const SLOW = 10_000;

/** The size of the next piece: large where the way is good, small where it breaks. */
export class Pieces {
  size: number;

  constructor(private readonly largest: number = LARGEST) {
    this.size = Math.min(MIB, largest);
  }

  /** A whole piece of the present size arrived after so many milliseconds. */
  arrived(milliseconds: number): void {
    if (milliseconds < QUICK) this.size = Math.min(this.largest, this.size * 2);
    if (milliseconds > SLOW) this.cut();
  }

  cut(): void {
    this.size = Math.max(Math.min(SMALLEST, this.largest), this.size / 2);
  }
}
