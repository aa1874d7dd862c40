/** The picture on its canvas: moved, zoomed, settled by a worker, drawn at most once a frame and only when something changed. */
import { effect, useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { CaseState } from "../case/state";
import { locale, t } from "../i18n";
import { plain } from "../safe";
import { Icon } from "../ui/icons";
import { paletteChanges } from "../ui/palette";
import { draw, hit, type Layers, type Scene } from "./draw";
import type { Cluster, Model } from "./model";
import type { Wanted } from "./worker";

const NEAREST = 8;
const FARTHEST = 0.08;
const PAN = 40;
/** Beyond so many the places that people are given at first are good enough. */
const SETTLED_UP_TO = 6_000;

function label(cluster: Cluster, visible: number): string {
  const count = visible === cluster.count ? `${cluster.count}` : `${visible} / ${cluster.count}`;
  const name =
    cluster.kind === "home"
      ? plain(cluster.name ?? "", 24)
      : cluster.kind === "role"
        ? t(`role.${cluster.role ?? "bystander"}s`)
        : cluster.kind === "others"
          ? t("net.others", { n: cluster.communities })
          : t(cluster.kind === "around" ? "net.around" : "net.home_unknown");
  return `${name} · ${count}`;
}

class Picture {
  readonly context: CanvasRenderingContext2D;
  scene: Scene;
  #frame = 0;
  #fitted = true;
  #width = 0;
  #height = 0;
  #worker: Worker | null = null;

  constructor(
    readonly canvas: HTMLCanvasElement,
    model: Model,
    target: string,
  ) {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    this.context = context;
    this.scene = { model, view: { x: 0, y: 0, scale: 1 }, at: Infinity, layers: { ties: true, answers: true, groups: false }, selected: null, hovered: null, target, label };
  }

  redraw(): void {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      draw(this.context, this.#width, this.#height, this.scene);
    });
  }

  resize(): void {
    const { clientWidth, clientHeight } = this.canvas;
    if (!clientWidth || (clientWidth === this.#width && clientHeight === this.#height)) return;
    const ratio = Math.min(2, devicePixelRatio || 1);
    this.#width = clientWidth;
    this.#height = clientHeight;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (this.#fitted) this.fit();
    // Drawn at once: a canvas that was resized is empty, and must not be seen so.
    draw(this.context, this.#width, this.#height, this.scene);
  }

  fit(): void {
    const { clusters } = this.scene.model;
    let left = -60;
    let right = 60;
    let top = -60;
    let bottom = 60;
    for (const one of clusters) {
      left = Math.min(left, one.x - one.r);
      right = Math.max(right, one.x + one.r);
      top = Math.min(top, one.y - one.r);
      bottom = Math.max(bottom, one.y + one.r);
    }
    const scale = Math.min(2, (this.#width - 40) / (right - left), (this.#height - 56) / (bottom - top));
    this.scene.view = {
      scale: Math.max(FARTHEST, scale),
      x: this.#width / 2 - ((left + right) / 2) * scale,
      y: this.#height / 2 + 8 - ((top + bottom) / 2) * scale,
    };
    this.#fitted = true;
    this.redraw();
  }

  move(dx: number, dy: number): void {
    const { view } = this.scene;
    this.scene.view = { ...view, x: view.x + dx, y: view.y + dy };
    this.#fitted = false;
    this.redraw();
  }

  zoom(by: number, x = this.#width / 2, y = this.#height / 2): void {
    const { view } = this.scene;
    const scale = Math.min(NEAREST, Math.max(FARTHEST, view.scale * by));
    const real = scale / view.scale;
    this.scene.view = { scale, x: x - (x - view.x) * real, y: y - (y - view.y) * real };
    this.#fitted = false;
    this.redraw();
  }

  settle(): void {
    const { model } = this.scene;
    if (model.accounts.length < 2 || model.accounts.length > SETTLED_UP_TO) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const links = Uint32Array.from([...model.ties, ...model.answers].flatMap((one) => [one.a, one.b]));
    const worker = (this.#worker = new Worker(__NETWORK_WORKER__, { type: "module" }));
    let latest: Float32Array | null = null;
    worker.onmessage = ({ data }: MessageEvent<Float32Array | "settled">) => {
      if (data === "settled") this.canvas.dataset.settled = "yes";
      else latest = data;
      if (!latest || (calm && data !== "settled")) return;
      model.place = latest;
      this.redraw();
    };
    worker.postMessage({ place: model.place, links } satisfies Wanted);
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#worker?.terminate();
  }
}

function pointers(picture: Picture, select: (one: number | null) => void, hover: (one: number | null, x: number, y: number) => void): () => void {
  const { canvas } = picture;
  const down = new Map<number, { x: number; y: number }>();
  let moved = 0;
  let apart = 0;
  const place = (event: PointerEvent | WheelEvent) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const spread = () => {
    const [a, b] = [...down.values()];
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  };
  const listeners = new AbortController();
  const on = <K extends keyof HTMLElementEventMap>(name: K, action: (event: HTMLElementEventMap[K]) => void, passive = true) =>
    canvas.addEventListener(name, action, { signal: listeners.signal, passive });
  on("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, place(event));
    moved = 0;
    apart = spread();
    hover(null, 0, 0);
  });
  on("pointermove", (event) => {
    const now = place(event);
    const before = down.get(event.pointerId);
    if (!before) {
      hover(hit(picture.scene, now.x, now.y), now.x, now.y);
      return;
    }
    down.set(event.pointerId, now);
    if (down.size === 2) {
      const next = spread();
      if (apart > 0) picture.zoom(next / apart, now.x, now.y);
      apart = next;
    } else {
      moved += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
      picture.move(now.x - before.x, now.y - before.y);
    }
  });
  const up = (event: PointerEvent) => {
    const was = down.delete(event.pointerId);
    if (was && moved < 5 && event.type === "pointerup") {
      const now = place(event);
      select(hit(picture.scene, now.x, now.y));
    }
  };
  on("pointerup", up);
  on("pointercancel", up);
  on("pointerleave", () => hover(null, 0, 0));
  // The wheel zooms once the picture is at work; until then it scrolls the page.
  on(
    "wheel",
    (event) => {
      if (!event.ctrlKey && document.activeElement !== canvas) return;
      event.preventDefault();
      const at = place(event);
      picture.zoom(Math.exp(-event.deltaY * 0.0016), at.x, at.y);
    },
    false,
  );
  on("dblclick", (event) => {
    const box = canvas.getBoundingClientRect();
    picture.zoom(1.8, event.clientX - box.left, event.clientY - box.top);
  });
  on("keydown", (event) => {
    const act: Record<string, () => void> = {
      ArrowLeft: () => picture.move(PAN, 0),
      ArrowRight: () => picture.move(-PAN, 0),
      ArrowUp: () => picture.move(0, PAN),
      ArrowDown: () => picture.move(0, -PAN),
      "+": () => picture.zoom(1.3),
      "=": () => picture.zoom(1.3),
      "-": () => picture.zoom(1 / 1.3),
      "0": () => picture.fit(),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !act[event.key]) return;
    event.preventDefault();
    act[event.key]?.();
  }, false);
  return () => listeners.abort();
}

interface Props {
  of: CaseState;
  model: Signal<Model>;
  layers: Signal<Layers>;
  words: string;
}

export function NetworkCanvas({ of, model, layers, words }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const picture = useRef<Picture | null>(null);
  const tip = useSignal<{ one: number; x: number; y: number } | null>(null);
  const current = model.value;
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const { target } = of.case.peek().alert;
    const now = new Picture(element, current, `${target.kind === "account" ? "@" : ""}${plain(target.id, 32)}`);
    const before = picture.current;
    picture.current = now;
    if (before) now.scene.view = before.scene.view;
    now.resize();
    if (!before) now.fit();
    now.settle();
    const stopPointers = pointers(
      now,
      (one) => {
        const account = one === null ? null : (now.scene.model.accounts[one] ?? null);
        of.account.value = account === of.account.peek() ? null : account;
      },
      (one, x, y) => {
        if (now.scene.hovered !== one) {
          now.scene.hovered = one;
          now.redraw();
        }
        tip.value = one === null ? null : { one, x, y };
      },
    );
    const resized = new ResizeObserver(() => now.resize());
    resized.observe(element);
    const stop = effect(() => {
      now.scene.at = of.at.value;
      now.scene.layers = layers.value;
      const account = of.account.value;
      now.scene.selected = account === null ? null : (now.scene.model.index.get(account) ?? null);
      void paletteChanges.value;
      void locale.value;
      now.redraw();
    });
    return () => {
      stop();
      stopPointers();
      resized.disconnect();
      now.close();
    };
  }, [current]);
  const over = tip.value;
  return (
    <div class="network-place">
      <canvas ref={canvas} class="network" role="img" aria-label={words} tabIndex={0} />
      {over && <Tip model={current} one={over.one} x={over.x} y={over.y} />}
      <div class="zoom" role="group" aria-label={t("net.title")}>
        <button type="button" class="icon-button" aria-label={t("net.zoom_in")} onClick={() => picture.current?.zoom(1.4)}>
          <Icon name="plus" size={14} />
        </button>
        <button type="button" class="icon-button" aria-label={t("net.zoom_out")} onClick={() => picture.current?.zoom(1 / 1.4)}>
          <Icon name="minus" size={14} />
        </button>
        <button type="button" class="icon-button" aria-label={t("net.fit")} onClick={() => picture.current?.fit()}>
          <Icon name="fit" size={14} />
        </button>
      </div>
    </div>
  );
}

function Tip({ model, one, x, y }: { model: Model; one: number; x: number; y: number }) {
  const name = (["bystander", "attacker", "defender", "instigator"] as const)[model.role[one] ?? 0] ?? "bystander";
  return (
    <div class="tip" style={{ insetInlineStart: `${x + 14}px`, insetBlockStart: `${y + 10}px` }} aria-hidden="true">
      <strong>{plain(model.accounts[one] ?? "", 40)}</strong> · {t(`role.${name}`)}
    </div>
  );
}
