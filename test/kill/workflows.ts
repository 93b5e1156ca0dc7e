/** The killed runs' workflows, built into a bundle of their own. Exports nothing else. */
import { workflowOf } from '../../workflows/bind.js';
import * as runbooks from './runbooks.js';

export const changeTwo = workflowOf(runbooks.changeTwo);
export const changeTen = workflowOf(runbooks.changeTen);
