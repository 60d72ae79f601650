import { jest } from '@jest/globals'

afterEach(() => jest.restoreAllMocks())

/**
 * A deadline of that length is over when the test says so, and no sooner: as `AbortSignal.timeout` gives it until the
 * test ends.
 */
export function heldDeadline(timeoutMs: number): AbortController {
  const over = new AbortController()
  const timeout = AbortSignal.timeout.bind(AbortSignal)
  jest
    .spyOn(AbortSignal, 'timeout')
    .mockImplementation((ms) => (ms === timeoutMs ? over.signal : timeout(ms)))
  return over
}
