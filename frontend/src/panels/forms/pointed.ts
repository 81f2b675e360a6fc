// The picture that places and lines of a form lie in.

import { createContext } from "react";

/** Its address; empty where there is none to point at. */
export const PointedAt = createContext("");
