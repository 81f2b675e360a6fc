// The way of a camera that follows a drawn line, as src/forkframe/engines/builtin/along.py has it: a test compares them.

/** A window of a picture: its middle in shares of the picture, its size in shares of the whole, its turn in radians. */
export interface View {
  x: number;
  y: number;
  scale: number;
  turn: number;
}

export type Point = readonly [number, number];
/** x, y, log of the scale, turn. */
type State = [number, number, number, number];

const SAMPLES = 512;
const ROUND = 0.025;
const AT_EDGE = 0.4;

/** Where the camera is at `frames` even moments; `zoom` and `roll` (degrees) are those at the end. */
export function viewsAlong(
  line: readonly Point[],
  asked: { frames: number; zoom: number; roll: number; aspect: number },
): View[] {
  const { frames, zoom, aspect } = asked;
  const turn = (asked.roll * Math.PI) / 180;
  const nearest = Math.min(1 / zoom, largest(turn, aspect));
  const way = rounded(steady(along(even(line, aspect), nearest, turn, aspect), SAMPLES, aspect));
  const held = inside(steady(inside(way, nearest, aspect), frames, aspect), nearest, aspect);
  return held.map(([x, y, log, angle]) => ({ x, y, scale: Math.exp(log), turn: angle }));
}

/** Points evenly spread over the line's length as it is seen. */
function even(line: readonly Point[], aspect: number): Point[] {
  const at = [0];
  for (let i = 1; i < line.length; i++) {
    const [[x0, y0], [x1, y1]] = [line[i - 1] ?? [0, 0], line[i] ?? [0, 0]];
    at.push((at[i - 1] ?? 0) + Math.hypot((x1 - x0) * aspect, y1 - y0));
  }
  const columns = [0, 1].map((axis) => line.map((point) => point[axis] ?? 0));
  return spread(at.at(-1) ?? 0, SAMPLES).map((wanted): Point => {
    const [x = 0, y = 0] = columns.map((column) => between(wanted, at, column));
    return [x, y];
  });
}

/** From the whole picture to the line, and along it: as far away as the line allows, and nearer and nearer. */
function along(points: readonly Point[], nearest: number, turn: number, aspect: number): State[] {
  const shares = spread(1, points.length);
  const fits = points.map((point, i) => fitting(point, turn * (shares[i] ?? 0), aspect));
  const farthest = Math.min(1, Math.max(nearest, fits[0] ?? 1));
  const line = points.map(([x, y], i): State => {
    const share = shares[i] ?? 0;
    const wished = (1 - share) * Math.log(farthest) + share * Math.log(nearest);
    const log = Math.max(Math.log(nearest), Math.min(wished, Math.log(Math.max(fits[i] ?? 1, 1e-6))));
    return [x, y, log, turn * share];
  });
  const start: State = [0.5, 0.5, 0, 0];
  const first = line[0] ?? start;
  const approach = line.map((_, i) => mixed(start, first, i / line.length));
  return [...approach, ...line];
}

/** As many states of the way with the same visible movement between each two. */
function steady(way: readonly State[], count: number, aspect: number): State[] {
  const at = [0];
  for (let i = 1; i < way.length; i++) {
    const [a, b] = [way[i - 1], way[i]];
    if (!a || !b) continue;
    const scale = Math.exp((a[2] + b[2]) / 2);
    const glide = Math.hypot(b[0] - a[0], (b[1] - a[1]) / aspect) / scale;
    const moved = Math.hypot(glide, AT_EDGE * (b[2] - a[2]), AT_EDGE * (b[3] - a[3]));
    at.push((at[i - 1] ?? 0) + moved);
  }
  const columns = [0, 1, 2, 3].map((k) => way.map((state) => state[k] ?? 0));
  return spread(at.at(-1) ?? 0, count).map(
    (wanted) => columns.map((column) => between(wanted, at, column)) as State,
  );
}

/** The way with its corners rounded; both ends stay where they are. */
function rounded(way: readonly State[]): State[] {
  const sigma = ROUND * way.length;
  const reach = Math.ceil(3 * sigma);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / sigma) ** 2),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const last = way.length - 1;
  // Beyond an end the way goes on as its mirror image in that point.
  const at = (i: number, k: number): number => {
    if (i < 0) return 2 * (way[0]?.[k] ?? 0) - (way[-i]?.[k] ?? 0);
    if (i > last) return 2 * (way[last]?.[k] ?? 0) - (way[2 * last - i]?.[k] ?? 0);
    return way[i]?.[k] ?? 0;
  };
  return way.map(
    (_, i) =>
      [0, 1, 2, 3].map((k) => {
        let sum = 0;
        for (let j = -reach; j <= reach; j++) sum += (weights[j + reach] ?? 0) * at(i + j, k);
        return sum / total;
      }) as State,
  );
}

/** The way with every window in the picture: nearer where that is enough, else moved. */
function inside(way: readonly State[], nearest: number, aspect: number): State[] {
  return way.map(([x, y, log, turn]) => {
    const fits = fitting([x, y], turn, aspect);
    const scale = Math.min(Math.exp(log), Math.max(fits, nearest), largest(turn, aspect));
    const [wide, high] = extent(turn, aspect);
    const [roomX, roomY] = [0.5 - (scale * wide) / 2, 0.5 - (scale * high) / 2];
    return [0.5 + held(x - 0.5, roomX), 0.5 + held(y - 0.5, roomY), Math.log(scale), turn];
  });
}

/** How wide and high the box around a turned window is that is as large as the picture, in shares of it. */
function extent(turn: number, aspect: number): Point {
  const [across, down] = [Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))];
  return [across + down / aspect, across + down * aspect];
}

/** The scale of the largest turned window that lies in the picture. */
function largest(turn: number, aspect: number): number {
  return 1 / Math.max(...extent(turn, aspect));
}

/** The scale of the largest turned window around a point that lies in the picture. */
function fitting([x, y]: Point, turn: number, aspect: number): number {
  const [wide, high] = extent(turn, aspect);
  return 2 * Math.min((0.5 - Math.abs(x - 0.5)) / wide, (0.5 - Math.abs(y - 0.5)) / high);
}

function held(value: number, room: number): number {
  return Math.min(room, Math.max(-room, value));
}

function mixed(a: State, b: State, share: number): State {
  return a.map((value, k) => value + share * ((b[k] ?? 0) - value)) as State;
}

function spread(end: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (end * i) / (count - 1));
}

/** Linear between the values at rising places. */
function between(wanted: number, at: readonly number[], values: readonly number[]): number {
  let [low, high] = [0, at.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0) <= wanted) low = middle;
    else high = middle;
  }
  const [from, to] = [at[low] ?? 0, at[high] ?? 0];
  const [a, b] = [values[low] ?? 0, values[high] ?? 0];
  return to > from ? a + (b - a) * Math.min(1, Math.max(0, (wanted - from) / (to - from))) : a;
}
