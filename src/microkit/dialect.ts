/**
 * The two ways in which descriptions are written. They differ in how a virtual machine names its vCPU, and in whether
 * the file is meant for the C preprocessor.
 */

/**
 * `current`: Microkit 2.0 to 2.3, `<vcpu id=…>` inside `<virtual_machine>`. `older`: before 2.0, `<virtual_machine id=…>` with a
 * single vCPU and no `<vcpu>`, as LionsOS's driver VM example has it.
 */
export type SdfDialect = 'current' | 'older';

const DIRECTIVE =
  /^[ \t]*#[ \t]*(?:include|define|undef|if|ifdef|ifndef|elif|else|endif|error|line|pragma)\b/m;
/** A value without quotes, or a C comment, where XML has neither. */
const UNQUOTED_VALUE = /=[ \t\r\n]*[A-Za-z_]\w*[\s/>]/;

/**
 * Whether the text is meant to go through the C preprocessor: it has directives, values without quotes, or C comments
 * outside of XML's comments and values.
 */
export function needsPreprocessor(text: string): boolean {
  const bare = text.replace(/<!--[\s\S]*?-->/g, ' ');
  if (DIRECTIVE.test(bare)) return true;
  const unquoted = bare.replace(/"[^"]*"|'[^'\n]*'/g, '""');
  return unquoted.includes('/*') || UNQUOTED_VALUE.test(unquoted);
}
