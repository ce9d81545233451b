/**
 * What stands before everything else of a script, so that it means the same in each engine that it may be built with.
 *
 * The buffers that a program is given are memory that is mapped, not the engine's own, and nothing may move them: before 0.16, QuickJS-ng takes
 * them for its own then and gives them back to its heap. And before that version `BigInt.asUintN` gives less than 0 where the highest bit is set
 * and the bits are whole words of the engine's.
 */
export const SCRIPT_START =
  "for(const name of ['transfer','transferToFixedLength','transferToImmutable'])delete ArrayBuffer.prototype[name];" +
  '{const{asUintN}=BigInt;if(asUintN(64,-1n)<0n)BigInt.asUintN=(bits,value)=>' +
  '{const cut=asUintN(bits,value);return cut<0n?cut+(1n<<BigInt(bits)):cut}}';
