export { isEthernetPhy, type Need, needOf, type RequiredNeed, tableRows } from './need.ts';
export { itemOf } from './row.ts';
export { NEED_ROWS } from './rows.ts';
