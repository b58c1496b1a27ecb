/** Languages by which editors know patches and mails. */
const languages: ReadonlySet<string> = new Set([
  'diff',
  'patch',
  'mail',
  'mbox',
  'iovet-mail',
  'gitsendemail',
]);

/** Ends of names of patches, mailboxes and mails. */
const names = /\.(?:patch|diff|mbox|mbx|mail|eml)$/i;

/** True for a document that can hold patches: by its language, or by its name where the editor has no language for it. */
export function isPatchDocument(uri: string, languageId: string): boolean {
  if (languages.has(languageId)) return true;
  const path = /^[^?#]*/.exec(uri)![0];
  return languageId !== 'c' && languageId !== 'cpp' && names.test(path);
}
