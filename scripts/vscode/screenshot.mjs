// `npm run screenshot [-- FOLDER]`: pictures of the real workbench for the README. Default: docs/images.
import fs from 'node:fs';
import path from 'node:path';
import {
  findChromium,
  makeFolders,
  remoteUri,
  startBrowser,
  startServer,
  workbenchUrl,
} from './host.mjs';
import { installExtension } from './installExtension.mjs';
import { ensureHost } from './installHost.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const workspace = path.join(root, 'test-fixtures/workspace');
const driver = path.join(workspace, 'drivers/accel/qcap/qcap_mem.c');
const target = path.resolve(process.argv[2] ?? path.join(root, 'docs/images'));

const missing =
  findChromium() === undefined
    ? 'Chromium is not installed (apt-get install chromium)'
    : ensureHost();
if (missing !== undefined) {
  console.error(`iovet: no screenshot: ${missing}`);
  process.exit(2);
}

const folders = makeFolders({
  settings: {
    'workbench.colorTheme': 'Default Light Modern',
    'editor.minimap.enabled': false,
    'editor.hover.delay': 100,
    'editor.hover.sticky': true,
    'editor.hover.above': false,
    'editor.fontSize': 13,
    'editor.stickyScroll.enabled': false,
    'editor.tabSize': 8,
    'breadcrumbs.enabled': false,
    'workbench.activityBar.location': 'hidden',
    'window.commandCenter': false,
    'workbench.layoutControl.enabled': false,
    'editor.occurrencesHighlight': 'off',
    'editor.renderLineHighlight': 'none',
    'editor.lightbulb.enabled': 'off',
    'editor.guides.indentation': false,
    'editor.matchBrackets': 'never',
  },
});
fs.mkdirSync(target, { recursive: true });
installExtension(folders);
const server = await startServer(folders);
const browser = await startBrowser(folders, server.origin, { width: 1180, height: 720 }, 1.5);
try {
  await takePictures(browser.page);
} catch (error) {
  await browser.page.screenshot({ path: path.join(folders.base, '../iovet-screenshot-error.png') });
  console.error(`iovet: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  await server.stop();
  fs.rmSync(folders.base, { recursive: true, force: true });
}

async function takePictures(page) {
  const file = remoteUri(server.origin, driver);
  await page.goto(workbenchUrl(server.origin, workspace, [['openFile', file]]));
  // The status item counts the functions once the file is reviewed.
  await page.locator('.statusbar-item', { hasText: /\d functions/ }).waitFor({ timeout: 60_000 });
  await page.keyboard.press('Control+b'); // no side bar: the code needs the width
  await goToText(page, 'static int qcap_copy');

  // The path of a finding: the cursor on the leak, then its steps at the line ends.
  await goToText(page, 'return -ENOSPC;');
  await runCommand(page, 'iovet: Next Step of Finding');
  await page.waitForTimeout(600);
  await picture(page, 'steps.png');
  await page.keyboard.press('Escape');

  // The hover of a finding.
  await goToText(page, 'off += SZ_4K)');
  const squiggle = await visibleSquiggle(page);
  await page.mouse.move(squiggle.x + 4, squiggle.y + 4);
  await page.mouse.move(squiggle.x + squiggle.width / 2, squiggle.y + squiggle.height - 3);
  await page
    .locator('.monaco-hover-content', { hasText: 'iommu-map-unmap-size' })
    .first()
    .waitFor({ timeout: 15_000 });
  await page.waitForTimeout(800);
  await picture(page, 'finding.png');
}

async function picture(page, name) {
  await page.screenshot({ path: path.join(target, name) });
  console.log(path.relative(root, path.join(target, name)));
}

/** Puts the cursor on a text with the search box. Clicks on code would scroll the whole workbench. */
async function goToText(page, text) {
  await page.keyboard.press('Control+1');
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Control+f');
  const box = page.locator('.find-widget textarea').first();
  await box.waitFor();
  await box.fill(text);
  await page.keyboard.press('Enter');
  await page.waitForTimeout(300);
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowLeft'); // no selection in the picture
}

async function runCommand(page, title) {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').first().waitFor();
  await page.keyboard.type(title);
  await page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().waitFor();
  await page.keyboard.press('Enter');
}

/** Box of the squiggle that is nearest to the middle of the window. */
async function visibleSquiggle(page) {
  const boxes = await page
    .locator('.cdr.squiggly-error')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));
  const middle = page.viewportSize().height / 2;
  return boxes.sort((a, b) => Math.abs(a.y - middle) - Math.abs(b.y - middle))[0];
}
