export { type Need, needOf, type RequiredNeed, tableRows } from './need.ts';
export { itemOf, type NeedRow } from './row.ts';
export { NEED_ROWS } from './rows.ts';
