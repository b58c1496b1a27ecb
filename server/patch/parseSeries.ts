import { parseDiff } from './diff/parseDiff.ts';
import { alignmentBudget } from './diff/repairHunk.ts';
import { bodyTexts } from './mail/body.ts';
import { commitMessage } from './mail/commitMessage.ts';
import { mailHeaders } from './mail/headers.ts';
import { splitMessages, type RawMessage } from './mail/mbox.ts';
import { subjectParts } from './mail/subject.ts';
import { views, type View } from './mail/views.ts';
import { notesOf, type Notes } from './notes.ts';
import type {
  CoverLetter,
  MailHeaders,
  Patch,
  PatchDocument,
  PatchProblem,
  PatchSeries,
  Repair,
  SkippedMessage,
} from './patch.ts';
import { splitLines } from './textLine.ts';

/** Longest document that is read. Unit: UTF-16 units. A release of the kernel is some 60 million. */
const longestDocument = 128 * 1024 * 1024;

/** What one document holds. */
interface DocumentRead {
  readonly covers: readonly CoverLetter[];
  readonly patches: readonly Patch[];
  readonly skipped: readonly SkippedMessage[];
}

/**
 * Reads patches as they arrive: a diff, a mail, a mailbox, a reply that quotes a patch, or a folder of them.
 * Never fails: what was not understood is in `problems`, what was put right in `repairs`.
 */
export function parsePatches(documents: readonly PatchDocument[]): PatchSeries {
  const covers: CoverLetter[] = [];
  const patches: Patch[] = [];
  const skipped: SkippedMessage[] = [];
  const problems: PatchProblem[] = [];
  const repairs: Repair[] = [];
  for (const document of documents) {
    const notes = notesOf(document.name);
    const read = parseDocument(document, notes);
    covers.push(...read.covers);
    patches.push(...read.patches);
    skipped.push(...read.skipped);
    if (read.patches.length === 0 && read.covers.length === 0 && notes.problems.length === 0)
      notes.problem({ line: 1 }, 'no diff in it', 'pass a patch, a mail with one, or a mailbox');
    problems.push(...notes.problems);
    repairs.push(...notes.repairs);
  }
  const ordered = inOrder(patches, skipped);
  const cover = covers.find((each) => each.version === (ordered[0]?.version ?? each.version));
  return {
    ...(cover === undefined ? {} : { cover }),
    patches: withBase(ordered, cover),
    skipped,
    problems,
    repairs,
  };
}

/** Reads one document; see `parsePatches`. */
export function parsePatch(text: string, name: string): PatchSeries {
  return parsePatches([{ name, text }]);
}

function parseDocument({ name, text }: PatchDocument, notes: Notes): DocumentRead {
  if (text.length > longestDocument) {
    notes.problem({ line: 1 }, `longer than ${longestDocument / 1024 / 1024} MiB; not read`);
    return { covers: [], patches: [], skipped: [] };
  }
  const covers: CoverLetter[] = [];
  const own: Patch[] = [];
  const quoted: Patch[] = [];
  const skipped: SkippedMessage[] = [];
  const seen = new Set<string>();
  const messages = splitMessages(splitLines(text));
  for (const message of messages) {
    const mail = mailHeaders(message.fields);
    if (mail.messageId !== undefined) {
      if (seen.has(mail.messageId)) {
        skipped.push({
          document: name,
          line: message.line,
          subject: mail.subject ?? '',
          reason: 'the same message stands above',
        });
        continue;
      }
      seen.add(mail.messageId);
    }
    const found = patchesOf(message, name, notes);
    for (const patch of found) (patch.quotedWith === '' ? own : quoted).push(patch);
    if (found.length > 0) continue;
    const parts = subjectParts(mail.subject ?? '');
    if (parts.number === 0 && !parts.reply) covers.push(coverOf(message, mail, name, notes));
    else if (messages.length > 1)
      skipped.push({
        document: name,
        line: message.line,
        subject: mail.subject ?? '',
        reason: 'no diff in it',
      });
  }
  // In a thread the replies quote what stands there anyway.
  if (own.some((patch) => !isReply(patch))) {
    for (const patch of [...quoted, ...own.filter(isReply)])
      skipped.push({
        document: name,
        line: patch.line,
        subject: patch.subject ?? '',
        reason: patch.quotedWith === '' ? 'a diff inside a reply' : 'a reply that quotes the patch',
      });
    return { covers, patches: own.filter((patch) => !isReply(patch)), skipped };
  }
  return {
    covers,
    patches: own.length > 0 && messages.length > 1 ? own : [...own, ...quoted],
    skipped,
  };
}

function isReply(patch: Patch): boolean {
  return subjectParts(patch.subject ?? '').reply;
}

function coverOf(
  message: RawMessage,
  mail: MailHeaders,
  document: string,
  notes: Notes,
): CoverLetter {
  const subject = mail.subject ?? '';
  const { total, version } = subjectParts(subject);
  const text = bodyTexts(message.fields, message.body, notes)[0]?.lines ?? [];
  const words = commitMessage(text, [], document);
  return {
    document,
    line: message.line,
    subject,
    message: words.message,
    mail,
    version,
    ...(total === undefined ? {} : { total }),
    ...(words.baseCommit === undefined ? {} : { baseCommit: words.baseCommit }),
  };
}

/** git format-patch names the base once, in the cover letter or in the first patch. */
function withBase(patches: readonly Patch[], cover: CoverLetter | undefined): readonly Patch[] {
  const baseCommit = [cover, ...patches].find((each) => each?.baseCommit !== undefined)?.baseCommit;
  if (baseCommit === undefined) return patches;
  return patches.map((patch) => ({ baseCommit, ...patch }));
}

function patchesOf(message: RawMessage, document: string, notes: Notes): Patch[] {
  const patches: Patch[] = [];
  for (const body of bodyTexts(message.fields, message.body, notes)) {
    for (const view of views(body.lines)) {
      const patch = patchOf(message, view, document, notes);
      if (patch !== undefined) patches.push(patch);
    }
  }
  return patches;
}

function patchOf(
  message: RawMessage,
  view: View,
  document: string,
  notes: Notes,
): Patch | undefined {
  const mail = mailHeaders(message.fields);
  const outer = subjectParts(mail.subject ?? '');
  const reply = outer.reply || view.prefix.trim() !== '';
  const diff = parseDiff(view.lines, document, notes, {
    reply,
    blankless: view.lines.length > 20 && !view.lines.some(({ text }) => text.trim() === ''),
    budget: { left: alignmentBudget },
  });
  if (diff.files.length === 0) return undefined;
  const words = commitMessage(
    view.lines.slice(0, diff.start),
    diff.others.map((at) => view.lines[at]!),
    document,
  );
  const inner = words.subject === undefined ? undefined : subjectParts(words.subject);
  const parts = inner !== undefined && (!outer.patch || inner.patch) ? inner : outer;
  const subject = parts === inner ? words.subject : mail.subject;
  return {
    document,
    line: message.line,
    name: parts.name === '' ? baseName(document) : parts.name,
    ...(subject === undefined ? {} : { subject }),
    ...(parts.number === undefined ? {} : { number: parts.number }),
    ...(parts.total === undefined ? {} : { total: parts.total }),
    version: parts.version,
    message: words.message,
    trailers: words.trailers,
    ...(words.baseCommit === undefined ? {} : { baseCommit: words.baseCommit }),
    ...(message.commit === undefined ? {} : { commit: message.commit }),
    mail,
    quotedWith: view.prefix,
    files: diff.files,
  };
}

function baseName(document: string): string {
  return document.slice(document.lastIndexOf('/') + 1);
}

/** By their numbers, where all have one; of several rerolls the newest. Otherwise as they stood. */
function inOrder(patches: readonly Patch[], skipped: SkippedMessage[]): readonly Patch[] {
  if (patches.length < 2 || patches.some((patch) => patch.number === undefined)) return patches;
  const newest = Math.max(...patches.map((patch) => patch.version));
  const kept: Patch[] = [];
  for (const patch of patches) {
    if (patch.version === newest) kept.push(patch);
    else
      skipped.push({
        document: patch.document,
        line: patch.line,
        subject: patch.subject ?? '',
        reason: `version ${patch.version}; version ${newest} is read`,
      });
  }
  return kept.toSorted((a, b) => a.number! - b.number!);
}
