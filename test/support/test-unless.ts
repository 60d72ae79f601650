import { patience } from './patience.ts'

/** A test that is skipped for a reason, which its title then says; `reason` is null where it can run. */
export function testUnless(
  reason: string | null,
  { title, body, timeoutMs }: { title: string; body: () => Promise<void>; timeoutMs?: number },
): void {
  if (reason === null) test(title, body, timeoutMs && timeoutMs * patience)
  else test.skip(`${title} (skipped: ${reason})`, body)
}
