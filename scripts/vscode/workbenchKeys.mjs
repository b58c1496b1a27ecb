// What a user does in the workbench, for scripts that take pictures of it.

/** Puts the cursor on a text with the search box. Clicks on code would scroll the whole workbench. */
export async function goToText(page, text) {
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

/** Runs a command by its title, as a user does. */
export async function runCommand(page, title) {
  await page.keyboard.press('F1');
  await page.locator('.quick-input-widget input').first().waitFor();
  await page.keyboard.type(title);
  // Others may match better: the one with just this title is taken.
  const exact = new RegExp(`^${title.replace(/[/.()[\]]/g, '\\$&')}(,|$)`);
  await page.getByRole('option', { name: exact }).first().click();
}

/** Box of the squiggle that is nearest to the middle of the window. */
export async function visibleSquiggle(page) {
  const boxes = await page
    .locator('.cdr.squiggly-error')
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().toJSON()));
  const middle = page.viewportSize().height / 2;
  return boxes.sort((a, b) => Math.abs(a.y - middle) - Math.abs(b.y - middle))[0];
}
