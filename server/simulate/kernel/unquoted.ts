import { family, stateOf } from './model.ts';

/**
 * Stands in C for the lines of a patch that a mail does not quote: whether they do what something must do. No
 * kernel has a function of this name; who completes a quoted patch calls it.
 */
export const REST_OF_PATCH = 'the_rest_of_the_patch';

/** What is asked of who chooses: it is in the list of what a verdict assumes. */
export const REST_QUESTION = 'the lines that the mail does not quote';

/** The patch is what it is: asked once per run, so that a run meets one patch. */
export const UNQUOTED: ReturnType<typeof family> = family(
  { reads: 'nothing', writes: 'nothing' },
  {
    [REST_OF_PATCH]: (machine) => {
      const ask = (): { readonly answer: number } => ({
        answer: Number(machine.choose(REST_QUESTION, [0, 1], 'input')),
      });
      return stateOf(machine, 'unquoted', ask).answer;
    },
  },
);
