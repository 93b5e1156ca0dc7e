/** Work that is done at the first asking, and whose answer everybody gets who asks; it keeps failures too. */

export function once<Answer>(work: () => Promise<Answer>): () => Promise<Answer> {
  let begun: Promise<Answer> | undefined;
  return () => (begun ??= work());
}
