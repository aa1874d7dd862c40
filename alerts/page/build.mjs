/** Bundles the page into ../console/static: hashed names, one HTML file, nothing inline, nothing from other sites. */
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "console", "static");
const version = JSON.parse(readFileSync(join(here, "package.json"), "utf-8")).version;

async function bundle(entries, define = {}) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: entries,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "chrome111", "firefox113", "safari16.4"],
    outdir: "assets",
    write: false,
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    define: { __VERSION__: JSON.stringify(version), ...define },
    logLevel: "warning",
  });
  const named = {};
  for (const file of outputFiles) {
    const [, stem, extension] = /^(.*)\.(\w+)$/.exec(basename(file.path));
    const digest = createHash("sha256").update(file.contents).digest("hex").slice(0, 10);
    named[`${stem}.${extension}`] = { name: `${stem}-${digest}.${extension}`, contents: file.contents };
  }
  return named;
}

/** What the licences of the bundled libraries ask to be passed on. */
function licences() {
  const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf-8"));
  const wanted = [...Object.keys(dependencies), "@preact/signals-core", "d3-dispatch", "d3-quadtree", "d3-timer"];
  return wanted
    .sort()
    .map((name) => {
      const folder = join(here, "node_modules", name);
      const file = existsSync(folder) ? readdirSync(folder).find((one) => /^licen[cs]e/i.test(one)) : undefined;
      return file ? `${name}\n\n${readFileSync(join(folder, file), "utf-8").trim()}\n` : "";
    })
    .filter(Boolean)
    .join(`\n${"-".repeat(78)}\n\n`);
}

const page = (script, theme, style) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="same-origin">
<title>Breakwater</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/${style}">
<script src="/assets/${theme}"></script>
<script type="module" src="/assets/${script}"></script>
</head>
<body>
<div id="page"></div>
<noscript>Breakwater's console needs JavaScript.</noscript>
</body>
</html>
`;

async function make() {
  const workers = await bundle(["src/stream/worker.ts", "src/network/worker.ts"].map((path) => ({ in: path, out: path.split("/")[1] })));
  const main = await bundle(
    [
      { in: "src/main.tsx", out: "page" },
      { in: "src/theme.ts", out: "theme" },
      { in: "src/styles/page.css", out: "style" },
    ],
    {
      __STREAM_WORKER__: JSON.stringify(`/assets/${workers["stream.js"].name}`),
      __NETWORK_WORKER__: JSON.stringify(`/assets/${workers["network.js"].name}`),
    },
  );
  const fresh = `${out}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(join(fresh, "assets"), { recursive: true });
  for (const { name, contents } of [...Object.values(workers), ...Object.values(main)])
    writeFileSync(join(fresh, "assets", name), contents);
  writeFileSync(join(fresh, "assets", "icon.svg"), readFileSync(join(here, "src", "icon.svg")));
  writeFileSync(join(fresh, "licences.txt"), licences());
  writeFileSync(join(fresh, "index.html"), page(main["page.js"].name, main["theme.js"].name, main["style.css"].name));
  rmSync(out, { recursive: true, force: true });
  renameSync(fresh, out);
}

await make();
if (process.argv.includes("--watch")) {
  let due;
  watch(join(here, "src"), { recursive: true }, () => {
    clearTimeout(due);
    due = setTimeout(() => make().then(() => console.log("built"), (error) => console.error(error.message)), 50);
  });
}
