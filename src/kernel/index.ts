export { type CommandOptions, command } from './command.ts'
export { applyNft, changeNetwork, type NetworkChange, netnsDirectory, netnsPath } from './network.ts'
