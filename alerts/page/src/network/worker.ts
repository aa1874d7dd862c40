/** Settles the picture with d3-force, away from the page: those who know each other move together, nobody covers another. */
import { forceCollide, forceLink, forceSimulation, forceX, forceY, type SimulationNodeDatum } from "d3-force";

export interface Wanted {
  place: Float32Array;
  links: Uint32Array;
}

interface Node extends SimulationNodeDatum {
  homeX: number;
  homeY: number;
}

const TICKS = 90;
const SAID_EVERY = 6;

onmessage = ({ data }: MessageEvent<Wanted>) => {
  const size = data.place.length / 2;
  const nodes: Node[] = Array.from({ length: size }, (_, at) => {
    const x = data.place[2 * at] ?? 0;
    const y = data.place[2 * at + 1] ?? 0;
    return { x, y, homeX: x, homeY: y };
  });
  const links = Array.from({ length: data.links.length / 2 }, (_, at) => ({
    source: data.links[2 * at] ?? 0,
    target: data.links[2 * at + 1] ?? 0,
  }));
  const simulation = forceSimulation(nodes)
    .force("x", forceX<Node>((node) => node.homeX).strength(0.35))
    .force("y", forceY<Node>((node) => node.homeY).strength(0.35))
    .force("collide", forceCollide<Node>(4.2).strength(0.7))
    .force("link", forceLink(links).distance(12).strength(0.012))
    .alphaDecay(1 - 0.001 ** (1 / TICKS))
    .stop();
  for (let tick = 1; tick <= TICKS; tick++) {
    simulation.tick();
    if (tick % SAID_EVERY === 0 || tick === TICKS) {
      const place = new Float32Array(2 * size);
      nodes.forEach((node, at) => {
        place[2 * at] = node.x ?? 0;
        place[2 * at + 1] = node.y ?? 0;
      });
      postMessage(place, { transfer: [place.buffer] });
    }
  }
  postMessage("settled");
};
