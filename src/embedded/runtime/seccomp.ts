/**
 * The system calls that the default profile of Docker and containerd refuses (docs.docker.com/engine/security/seccomp,
 * "Significant syscalls blocked by the default profile"), and the capability that allows each. The published profile
 * lists what is allowed instead: calls that are in neither list are allowed here and refused there.
 */
const refused: Record<string, string[]> = {
  '': [
    'add_key',
    'get_kernel_syms',
    'get_mempolicy',
    'keyctl',
    'mbind',
    'move_pages',
    'nfsservctl',
    'personality',
    'pivot_root',
    'query_module',
    'request_key',
    'set_mempolicy',
    'sysfs',
    '_sysctl',
    'userfaultfd',
    'uselib',
    'ustat',
    'vm86',
    'vm86old',
  ],
  CAP_SYS_ADMIN: [
    'bpf',
    'fanotify_init',
    'fsconfig',
    'fsmount',
    'fsopen',
    'fspick',
    'lookup_dcookie',
    'mount',
    'mount_setattr',
    'move_mount',
    'open_tree',
    'perf_event_open',
    'quotactl',
    'setns',
    'swapoff',
    'swapon',
    'umount',
    'umount2',
    'unshare',
  ],
  CAP_SYS_MODULE: ['create_module', 'delete_module', 'finit_module', 'init_module'],
  CAP_SYS_BOOT: ['kexec_file_load', 'kexec_load', 'reboot'],
  CAP_SYS_TIME: ['clock_adjtime', 'clock_settime', 'settimeofday', 'stime'],
  CAP_SYS_PACCT: ['acct'],
  CAP_SYS_RAWIO: ['ioperm', 'iopl'],
  CAP_SYS_PTRACE: ['kcmp', 'process_vm_readv', 'process_vm_writev'],
  CAP_DAC_READ_SEARCH: ['open_by_handle_at'],
}

/** CLONE_NEWNS, -CGROUP, -UTS, -IPC, -USER, -PID and -NET. */
const newNamespaces = 0x7e020000
const notPermitted = 1
const notImplemented = 38

/** `linux.seccomp` of an OCI configuration for `seccompProfile: RuntimeDefault`. */
export function defaultSeccomp(capabilities: string[]): object {
  const names = Object.entries(refused).flatMap(([capability, calls]) =>
    capability !== '' && capabilities.includes(capability) ? [] : calls,
  )
  const isAdmin = capabilities.includes('CAP_SYS_ADMIN')
  const namespaces = [
    {
      names: ['clone'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: notPermitted,
      args: mask(newNamespaces),
    },
    // Its flags lie in memory, where no filter can look: the C library falls back to clone.
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: notImplemented },
  ]
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names, action: 'SCMP_ACT_ERRNO', errnoRet: notPermitted }, ...(isAdmin ? [] : namespaces)],
  }
}

/** One rule for each flag: any of them is enough. */
function mask(flags: number): object[] {
  const bits = Array.from({ length: 32 }, (_each, bit) => 2 ** bit).filter((bit) => (flags & bit) !== 0)
  return bits.map((bit) => ({ index: 0, value: bit, valueTwo: bit, op: 'SCMP_CMP_MASKED_EQ' }))
}
