import type { DocumentOptions, ParseOptions, ScalarTag, SchemaOptions } from 'yaml'

/**
 * How kubectl and API servers read YAML (sigs.k8s.io/yaml on go-yaml v2, its resolve.go): `0755` is an octal number,
 * `1_000` is a number, `<<` merges. Written with these options, a text that kubectl would take for something else is
 * quoted. One thing is not taken over: there `on` and `y` are truth values, so that a namespace `y` is refused; here they
 * are texts, as other parsers have them.
 */
export const kubernetesYaml: ParseOptions & DocumentOptions & SchemaOptions = {
  merge: true,
  customTags: (tags) => [truth(), whole(), fraction(), ...tags],
}

function truth(): ScalarTag {
  const pattern = /^(y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/
  return scalar('bool', pattern, (text) => text)
}

/** By Go's strconv.ParseInt with base 0, and underscores anywhere. */
function whole(): ScalarTag {
  const pattern = /^[-+]?(0[bB][01_]+|0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[0-7_]*|[1-9][\d_]*)$/
  return scalar('int', pattern, (text) => {
    const [, sign, octal, rest] = /^([-+]?)(0(?=[0-7]))?(.*)$/.exec(text.replaceAll('_', ''))!
    const amount = Number(octal ? `0o${rest}` : rest)
    return sign === '-' ? -amount : amount
  })
}

function fraction(): ScalarTag {
  const pattern = /^[-+]?(\.[\d_]+|\d[\d_]*(\.[\d_]*)?)([eE][-+]?\d+)?$/
  return scalar('float', pattern, (text) => Number(text.replaceAll('_', '')))
}

function scalar(type: string, test: RegExp, resolve: (text: string) => unknown): ScalarTag {
  return { tag: `tag:yaml.org,2002:${type}`, default: true, test, resolve }
}
