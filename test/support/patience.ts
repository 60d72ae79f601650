/** How much longer than usual end-to-end tests wait for what must happen: 10 in an emulated machine. */
export const patience = Number(process.env.ZTLAB_TEST_PATIENCE ?? 1)
