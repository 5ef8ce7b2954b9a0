import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'Chromium', 'Google Chrome'];
const folders = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/Applications/Chromium.app/Contents/MacOS',
  '/Applications/Google Chrome.app/Contents/MacOS',
];

/** The browser of this machine: CHROMIUM_PATH, or the first that is found by its name. */
export const chromiumPath: string | undefined =
  process.env.CHROMIUM_PATH ||
  folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path));

const missing = 'no Chromium: install one (Debian: apt-get install chromium) or say where it is in CHROMIUM_PATH';
// A machine that checks what is to be published has no excuse.
if (chromiumPath === undefined && process.env.CI) throw new Error(missing);
if (chromiumPath === undefined) process.stderr.write(`browser tests skipped: ${missing}\n`);

/** A graphics card that Chromium computes itself. */
const softwareGpu = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--ignore-gpu-blocklist'];

/** A headless browser with an empty profile of its own that asks nothing of the network. */
export const launch = (executablePath: string, { webgpu = false } = {}): Promise<Browser> =>
  chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      ...(webgpu ? softwareGpu : ['--disable-gpu']),
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** Writes down what a page complains of from now on. */
export function complaints(page: Page, heard: string[]): void {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') heard.push(message.text());
  });
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('requestfailed', (request) => heard.push(`${request.url()}: ${request.failure()?.errorText}`));
}
