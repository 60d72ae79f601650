export { boundingCapabilities } from './capabilities.ts'
export {
  type CgroupAccess,
  type CgroupLimits,
  cgroupAccess,
  cgroupObstacle,
  clustersWithCgroups,
  makeCgroup,
  oomKills,
  removeCgroup,
  setCgroupLimits,
  sweepCgroups,
} from './cgroups.ts'
export { type CommandOptions, command, useSpawner } from './command.ts'
export { openPipe, type PipeEnds, PipeSource } from './fifo.ts'
export { applyNft, changeNetwork, type NetworkChange, netnsDirectory, netnsPath } from './network.ts'
export { type NftChain, type NftSet, type NftTable, nftDiff } from './nft-table.ts'
export { lowestOomScoreAdj } from './oom.ts'
export { type ProgramFiles, Spawner, type StartedProgram } from './spawner.ts'
