/**
 * What leaves a question open: an input that nobody stated, the result of a function that nobody knows,
 * or whether an operation with a contract fails this time.
 */
export type QuestionKind = 'input' | 'result' | 'failure';
