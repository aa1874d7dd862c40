/** The limits of the verdict, as in the shipped model (`detectors/model.json`). */
export const PILE_ON = 0.92;
export const ORGANIC = 0.3;
