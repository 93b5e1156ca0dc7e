/** The stories' own runbooks as workflows, built into a bundle of their own. Exports nothing else. */
import { workflowOf } from '../../../workflows/bind.js';
import * as runbooks from './runbooks.js';

export const lowerTwo = workflowOf(runbooks.lowerTwo);
export const lowerThree = workflowOf(runbooks.lowerThree);
export const lowerSideBySide = workflowOf(runbooks.lowerSideBySide);
export const restartThenTune = workflowOf(runbooks.restartThenTune);
export const tuneOrRestart = workflowOf(runbooks.tuneOrRestart);
export const keepHalf = workflowOf(runbooks.keepHalf);
export const slowRestart = workflowOf(runbooks.slowRestart);
export const carelessAboutLabels = workflowOf(runbooks.carelessAboutLabels);
export const errsHalfway = workflowOf(runbooks.errsHalfway);
export const rollsOutAnImage = workflowOf(runbooks.rollsOutAnImage);
export const lowerByStages = workflowOf(runbooks.lowerByStages);
export const lowerWhenMeasured = workflowOf(runbooks.lowerWhenMeasured);
export const lowerWithAGlance = workflowOf(runbooks.lowerWithAGlance);
export const restartWhenAgreed = workflowOf(runbooks.restartWhenAgreed);
