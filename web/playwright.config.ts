import { defineConfig } from "@playwright/test";

const port = 4173;

/** Without DESK_URL only the specs that bring their own server run, against a preview of the built pages. */
const desk = process.env.DESK_URL;

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  // Generous: a busy machine draws slowly, and what is slow there is no fault of the page.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  retries: process.env.CI ? 1 : 0,
  workers: 1,
  reporter: [["list"]],
  use: {
    baseURL: desk ? new URL(desk).origin : `http://127.0.0.1:${port}`,
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
  webServer: desk
    ? undefined
    : {
        command: `npm run build && npm run preview -- --port ${port} --strictPort`,
        url: `http://127.0.0.1:${port}/`,
        reuseExistingServer: false,
      },
});
