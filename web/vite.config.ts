import { brotliCompressSync, constants } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the server. */
const server = process.env.GATEHOUSE_URL ?? "http://127.0.0.1:8080";

/** What the server allows its pages: the preview is as strict, so that the browser tests notice. */
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; font-src 'self' data:; connect-src 'self'";

export default defineConfig({
  plugins: [react(), precompress()],
  build: {
    // The default target rewrites modern CSS (light-dark(), nesting) and loses colours.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    chunkSizeWarningLimit: 800,
  },
  server: {
    host: "127.0.0.1",
    // The server accepts a socket only from its own origin.
    proxy: {
      "/api": { target: server, headers: { origin: server } },
      "/ws": { target: server, ws: true, headers: { origin: server } },
    },
  },
  preview: { host: "127.0.0.1", headers: { "content-security-policy": policy } },
  test: { include: ["app/**/*.test.ts"], environment: "node" },
});

/** Writes a `.br` beside every text asset, so that the server never compresses a page while it serves. */
function precompress(): Plugin {
  const text = /\.(html|js|css|svg|json)$/;
  return {
    name: "precompress",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      for (const [fileName, file] of Object.entries(bundle)) {
        if (!text.test(fileName)) continue;
        const source = Buffer.from(file.type === "chunk" ? file.code : file.source);
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
        this.emitFile({ type: "asset", fileName: `${fileName}.br`, source: brotliCompressSync(source, { params }) });
      }
    },
  };
}
