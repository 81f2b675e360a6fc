// docs/try: the canvas as a static page. What lies beside it (photographs, fields) is written by docs/make_try.py.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("src/try"),
  publicDir: here("public"),
  base: "./",
  build: {
    outDir: here("../docs/try"),
    emptyOutDir: true,
    target: "es2023",
    assetsDir: ".",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: { entryFileNames: "try-[hash].js", assetFileNames: "try-[hash][extname]" },
    },
  },
});
