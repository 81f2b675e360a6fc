/** Builds the page of tests/e2e/test_living_edges.py: `vite build -c vite.harness.config.ts --outDir DIR`. */

import { defineConfig } from "vite";

export default defineConfig({
  build: {
    lib: { entry: "src/harness/morph.ts", formats: ["es"], fileName: () => "morph.js" },
    emptyOutDir: false,
  },
});
