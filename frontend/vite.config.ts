// The page is built into the Python package, with a gzipped copy beside each file that is text.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const OUT = fileURLToPath(new URL("../src/forkframe/server/ui", import.meta.url));

/** Same sources, same bytes: gzip's header carries no time here. */
function gzipped(): Plugin {
  return {
    name: "gzipped",
    apply: "build",
    async writeBundle({ dir }) {
      const root = dir ?? OUT;
      for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|html|svg)$/.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  base: "./",
  plugins: [react(), gzipped()],
  // The harness shows the demo's photographs, which live in the Python package.
  server: { fs: { allow: [fileURLToPath(new URL("..", import.meta.url))] } },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2023",
    // Data URLs and inline scripts would need holes in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
});
