// `npm run screenshot [-- FOLDER [explain | simulate | tables TREE [PATCH]] [--theme NAME]]`: pictures of the real workbench.
// Default: those of the README and docs, into docs/images. With `explain`, only those of hovers, completion and
// navigation; with `simulate`, only those of a simulated patch; with `tables`, seed 003 on a kernel tree, or PATCH.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
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
import { isTree } from '../treeChecks/support.mjs';
import { takeExplanationPictures } from './explanationPictures.mjs';
import { takeSimulationPictures, takeTablePictures } from './simulationPictures.mjs';
import { goToText, runCommand, visibleSquiggle } from './workbenchKeys.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const workspace = path.join(root, 'test-fixtures/workspace');
const driver = path.join(workspace, 'drivers/accel/qcap/qcap_mem.c');
const series = path.join(workspace, 'qcap-doorbell.mbox');
const simulated = path.join(root, 'test-fixtures/simulation/qring-error.patch');
const { values, positionals } = parseArgs({
  options: { theme: { type: 'string', default: 'Default Light Modern' } },
  allowPositionals: true,
});
const [into = path.join(root, 'docs/images'), which = 'all', tree, patch] = positionals;
if (!['all', 'explain', 'simulate', 'tables'].includes(which)) {
  console.error(`iovet: no pictures are called ${which}: explain, simulate or tables TREE`);
  process.exit(2);
}
if (which === 'tables' && (tree === undefined || !isTree(tree))) {
  console.error(
    'iovet: SKIPPED: pictures of tables need a kernel tree: npm run screenshot -- FOLDER tables TREE',
  );
  process.exit(2);
}
const target = path.resolve(into);

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
    'workbench.colorTheme': values.theme,
    ...(tree === undefined ? {} : { 'iovet.kernelTree': path.resolve(tree) }),
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
    'comments.openView': 'never',
    'diffEditor.renderSideBySide': true,
    'diffEditor.hideUnchangedRegions.enabled': true,
  },
});
fs.mkdirSync(target, { recursive: true });
installExtension(folders);
const server = await startServer(folders);
const browser = await startBrowser(folders, server.origin, { width: 1180, height: 720 }, 1.5);
try {
  await take(browser.page);
} catch (error) {
  await browser.page.screenshot({ path: path.join(folders.base, '../iovet-screenshot-error.png') });
  console.error(`iovet: ${error.message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  await server.stop();
  fs.rmSync(folders.base, { recursive: true, force: true });
}

async function take(page) {
  const simulation = { server, simulated, tree, patch, picture: (name) => picture(page, name) };
  if (which === 'all') await takePictures(page);
  if (which === 'all' || which === 'simulate') await takeSimulationPictures(page, simulation);
  if (which === 'all' || which === 'explain') {
    await takeExplanationPictures(page, { server, workspace, driver, target });
  }
  if (which === 'tables') await takeTablePictures(page, simulation);
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
  await page.mouse.move(5, 5);
  await takePatchPictures(page);
}

/** The example series: findings on its lines and the list of its patches, then a draft comment beside the patched file. */
async function takePatchPictures(page) {
  await page.goto(
    workbenchUrl(server.origin, workspace, [['openFile', remoteUri(server.origin, series)]]),
  );
  // The status bar counts the findings once the series is reviewed.
  await page.locator('[aria-label*="Errors: 1"]').first().waitFor({ timeout: 60_000 });
  await page.keyboard.press('Control+1');
  await runCommand(page, 'View: Show iovet');
  await page.locator('.monaco-list-row', { hasText: 'tidy up the error paths' }).first().waitFor();
  await widenSideBar(page, 470);
  await goToText(page, '+\tif (!req->dst_dma)');
  await page.locator('.review-widget').first().waitFor({ timeout: 15_000 });
  await page.waitForTimeout(800);
  await picture(page, 'patch.png');

  await runCommand(page, 'iovet: Open Before/After');
  await page.locator('.monaco-diff-editor').first().waitFor({ timeout: 15_000 });
  await page.keyboard.press('Control+b');
  await page.locator('.review-widget').first().waitFor({ timeout: 15_000 });
  await page.waitForTimeout(1200);
  await picture(page, 'before-after.png');

  // The reply, as it lies on the clipboard: pasted where it can be seen.
  await page.keyboard.press('Control+w');
  await page.keyboard.press('Control+1');
  await goToText(page, '+\tif (!req->dst_dma)');
  await runCommand(page, 'iovet: Copy Reply');
  await page.waitForTimeout(800);
  await runCommand(page, 'File: New Untitled Text File');
  await page.keyboard.press('Control+v');
  await page.waitForTimeout(1000);
  await picture(page, 'reply.png');
}

/** Drags the edge of the side bar, so that the counts behind the titles are in the picture. */
async function widenSideBar(page, width) {
  const { x, width: now } = await page.locator('.part.sidebar').first().boundingBox();
  await page.mouse.move(x + now, 400);
  await page.mouse.down();
  await page.mouse.move(x + width, 400, { steps: 5 });
  await page.mouse.up();
  await page.mouse.move(5, 5);
}

async function picture(page, name) {
  await page.screenshot({ path: path.join(target, name) });
  console.log(path.relative(root, path.join(target, name)));
}
