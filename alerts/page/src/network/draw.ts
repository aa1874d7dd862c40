/** Draws the picture: one path for each kind of thing, so that thousands of people cost a few strokes. */
import { token } from "../ui/palette";
import { ROLE_CODES, upTo, type Cluster, type Link, type Model } from "./model";

export interface View {
  /** The world's middle on the canvas, in CSS pixels, and how many of them a unit of the world takes. */
  x: number;
  y: number;
  scale: number;
}

export interface Layers {
  ties: boolean;
  answers: boolean;
  groups: boolean;
}

export interface Scene {
  model: Model;
  view: View;
  at: number;
  layers: Layers;
  selected: number | null;
  hovered: number | null;
  target: string;
  label: (cluster: Cluster, visible: number) => string;
}

const FRESH_MS = 60_000;
const TARGET_R = 15;

/** The people seen at a moment come first in the model, so this is how many. */
export function visibleAt(model: Model, at: number): number {
  return model.timed ? upTo(model.first, at) : model.accounts.length;
}

function tracer(context: CanvasRenderingContext2D, role: number, r: number): (x: number, y: number) => void {
  if (role === 1)
    return (x, y) => {
      context.moveTo(x, y - r * 1.25);
      context.lineTo(x + r * 1.15, y + r * 0.85);
      context.lineTo(x - r * 1.15, y + r * 0.85);
      context.closePath();
    };
  if (role === 2) return (x, y) => context.rect(x - r * 0.92, y - r * 0.92, r * 1.84, r * 1.84);
  if (role === 3)
    return (x, y) => {
      for (let point = 0; point < 10; point++) {
        const angle = (point * Math.PI) / 5 - Math.PI / 2;
        const reach = point % 2 ? r * 0.7 : r * 1.7;
        context[point ? "lineTo" : "moveTo"](x + Math.cos(angle) * reach, y + Math.sin(angle) * reach);
      }
      context.closePath();
    };
  return (x, y) => {
    context.moveTo(x + r, y);
    context.arc(x, y, r, 0, Math.PI * 2);
  };
}

/** Many lines are drawn fainter, so that the people stay seen. */
const thin = (count: number): number => Math.max(0.1, Math.min(1, 7 / Math.sqrt(Math.max(1, count))));

function links(context: CanvasRenderingContext2D, { model, view, at }: Scene, all: Link[], seen: number): void {
  context.beginPath();
  for (const link of all) {
    if (model.timed && link.time > at) break;
    if (link.a >= seen || link.b >= seen) continue;
    context.moveTo(view.x + (model.place[2 * link.a] ?? 0) * view.scale, view.y + (model.place[2 * link.a + 1] ?? 0) * view.scale);
    context.lineTo(view.x + (model.place[2 * link.b] ?? 0) * view.scale, view.y + (model.place[2 * link.b + 1] ?? 0) * view.scale);
  }
  context.stroke();
}

function communities(context: CanvasRenderingContext2D, scene: Scene, counts: Uint32Array): void {
  const { model, view } = scene;
  const most = Math.max(...model.clusters.map((one) => one.count), 1);
  model.clusters.forEach((one, at) => {
    const count = counts[at] ?? 0;
    if (!count) return;
    const x = view.x + one.x * view.scale;
    const y = view.y + one.y * view.scale;
    context.strokeStyle = token("--ribbon");
    context.lineWidth = 1.5 + 22 * Math.sqrt(count / most) * Math.min(1, view.scale);
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(view.x, view.y);
    context.stroke();
  });
  model.clusters.forEach((one, at) => {
    context.fillStyle = token("--disc");
    context.strokeStyle = token("--disc-line");
    context.lineWidth = 1;
    context.beginPath();
    context.arc(view.x + one.x * view.scale, view.y + one.y * view.scale, one.r * view.scale, 0, Math.PI * 2);
    context.fill();
    if (counts[at]) context.stroke();
  });
}

interface Box {
  x: number;
  y: number;
  width: number;
}

function names(context: CanvasRenderingContext2D, scene: Scene, counts: Uint32Array): void {
  const { model, view } = scene;
  context.font = `600 11.5px ${token("--font")}`;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.lineJoin = "round";
  // The target's own name comes first.
  const taken: Box[] = [{ x: view.x, y: view.y + 8, width: 90 }];
  const order = model.clusters.map((_, at) => at).sort((a, b) => (model.clusters[b]?.count ?? 0) - (model.clusters[a]?.count ?? 0));
  for (const at of order) {
    const one = model.clusters[at];
    const count = counts[at] ?? 0;
    if (!one || !count) continue;
    const words = scene.label(one, count);
    const x = view.x + one.x * view.scale;
    const y = view.y + (one.y - one.r) * view.scale - 3;
    const width = context.measureText(words).width;
    if (taken.some((box) => Math.abs(box.x - x) < (box.width + width) / 2 + 4 && Math.abs(box.y - y) < (box === taken[0] ? 38 : 15))) continue;
    taken.push({ x, y, width });
    context.lineWidth = 4;
    context.strokeStyle = token("--panel");
    context.strokeText(words, x, y);
    context.fillStyle = token("--text");
    context.fillText(words, x, y);
  }
}

function people(context: CanvasRenderingContext2D, { model, view, at }: Scene, seen: number): void {
  const r = Math.max(1.6, Math.min(9, 3.1 * view.scale));
  for (let role = 0; role < ROLE_CODES.length; role++) {
    const trace = tracer(context, role, role === 3 ? r * 1.25 : r);
    const name = ROLE_CODES[role] ?? "bystander";
    context.beginPath();
    let any = false;
    for (let one = 0; one < seen; one++) {
      if (model.role[one] !== role) continue;
      trace(view.x + (model.place[2 * one] ?? 0) * view.scale, view.y + (model.place[2 * one + 1] ?? 0) * view.scale);
      any = true;
    }
    if (!any) continue;
    context.fillStyle = token(`--role-${name}`);
    context.fill();
    if (role && view.scale > 0.55) {
      context.strokeStyle = token("--panel");
      context.lineWidth = 0.8;
      context.stroke();
    }
  }
  if (!model.timed || seen === 0) return;
  // Those who came within the last minute are seen coming.
  const from = upTo(model.first, at - FRESH_MS);
  if (from >= seen || seen - from > seen * 0.6) return;
  context.strokeStyle = token("--coming");
  context.lineWidth = 1;
  context.beginPath();
  for (let one = from; one < seen; one++) {
    context.moveTo(view.x + (model.place[2 * one] ?? 0) * view.scale, view.y + (model.place[2 * one + 1] ?? 0) * view.scale);
    context.lineTo(view.x, view.y);
  }
  context.stroke();
}

function rings(context: CanvasRenderingContext2D, scene: Scene, seen: number): void {
  const { model, view } = scene;
  const r = Math.max(3.4, 4.6 * view.scale);
  if (scene.layers.groups) {
    context.lineWidth = 1;
    context.strokeStyle = token("--group");
    context.beginPath();
    for (const group of model.groups)
      for (const one of group) {
        if (one >= seen) continue;
        const x = view.x + (model.place[2 * one] ?? 0) * view.scale;
        const y = view.y + (model.place[2 * one + 1] ?? 0) * view.scale;
        context.moveTo(x + r, y);
        context.arc(x, y, r, 0, Math.PI * 2);
      }
    context.stroke();
  }
  for (const one of [scene.selected, scene.hovered]) {
    if (one === null || one >= seen) continue;
    context.lineWidth = 2.4;
    context.strokeStyle = token("--accent");
    context.beginPath();
    context.arc(view.x + (model.place[2 * one] ?? 0) * view.scale, view.y + (model.place[2 * one + 1] ?? 0) * view.scale, r + 3, 0, Math.PI * 2);
    context.stroke();
  }
}

function target(context: CanvasRenderingContext2D, { view, target: name }: Scene): void {
  context.fillStyle = token("--target");
  context.strokeStyle = token("--panel");
  context.lineWidth = 3;
  context.beginPath();
  context.arc(view.x, view.y, TARGET_R, 0, Math.PI * 2);
  context.fill();
  context.stroke();
  context.strokeStyle = token("--panel");
  context.lineWidth = 2;
  for (const reach of [4, 8.5]) {
    context.beginPath();
    context.arc(view.x, view.y, reach, 0, Math.PI * 2);
    context.stroke();
  }
  context.font = `700 13px ${token("--font")}`;
  context.textAlign = "center";
  context.textBaseline = "top";
  context.lineWidth = 4;
  context.strokeStyle = token("--panel");
  context.strokeText(name, view.x, view.y + TARGET_R + 4);
  context.fillStyle = token("--text");
  context.fillText(name, view.x, view.y + TARGET_R + 4);
}

export function draw(context: CanvasRenderingContext2D, width: number, height: number, scene: Scene): void {
  const { model, layers } = scene;
  context.clearRect(0, 0, width, height);
  const seen = visibleAt(model, scene.at);
  const counts = new Uint32Array(model.clusters.length);
  for (let one = 0; one < seen; one++) {
    const which = model.cluster[one] ?? 0;
    counts[which] = (counts[which] ?? 0) + 1;
  }
  communities(context, scene, counts);
  context.lineCap = "butt";
  if (layers.ties) {
    context.strokeStyle = token("--tie");
    context.lineWidth = 1;
    context.globalAlpha = thin(model.ties.length);
    links(context, scene, model.ties, seen);
    context.globalAlpha = 1;
  }
  if (layers.answers) {
    context.strokeStyle = token("--answer");
    context.lineWidth = 1;
    context.globalAlpha = thin(model.answers.length);
    links(context, scene, model.answers, seen);
    context.globalAlpha = 1;
  }
  people(context, scene, seen);
  rings(context, scene, seen);
  names(context, scene, counts);
  target(context, scene);
}

/** Who is at a point of the canvas, if anybody. */
export function hit({ model, view, at }: Scene, x: number, y: number): number | null {
  const seen = visibleAt(model, at);
  let best: number | null = null;
  let nearest = Math.max(8, 6 * view.scale) ** 2;
  for (let one = 0; one < seen; one++) {
    const dx = view.x + (model.place[2 * one] ?? 0) * view.scale - x;
    const dy = view.y + (model.place[2 * one + 1] ?? 0) * view.scale - y;
    const far = dx * dx + dy * dy;
    if (far < nearest) {
      nearest = far;
      best = one;
    }
  }
  return best;
}
