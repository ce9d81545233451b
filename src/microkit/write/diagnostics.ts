/** Why a description is not laid out anew, or what is found of its layout. */
import { declareDiagnostics, diagnostic } from '../../base/index.ts';

/** The codes of a description's layout, by name. */
export const sdfWriteCodes = declareDiagnostics('sdf', {
  'not-formatted': diagnostic<object>({
    severity: 'error',
    message: () => 'the file is not laid out as "drivervm format" does it',
    hint: () => 'drivervm format --write lays it out; nothing of its meaning changes',
    explanation:
      'The first line that differs. Elements in one order, each attribute at its place, addresses and sizes in hexadecimal: two files of one meaning then differ in nothing.',
  }),
  'format-preprocessed': diagnostic<object>({
    severity: 'error',
    message: () => 'the file goes through the C preprocessor, whose lines would be lost',
    hint: () => 'lay out what the preprocessor gives: cpp -P FILE | drivervm format -',
    explanation: 'A description is laid out from its meaning, in which macros and conditions are gone.',
  }),
});
