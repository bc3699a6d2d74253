/** Where at the desk one is, kept in the address, so that it survives a reload and the way back works. */

import { useCallback, useEffect, useState } from "react";
import { addressOf, type Place, placeAt } from "./place";

/** `instead`: of the place before, which is not gone back to. */
export type Go = (to: Partial<Place>, how?: "instead") => void;

export function usePlace(): [Place, Go] {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const onBack = () => setPlace(here());
    window.addEventListener("popstate", onBack);
    return () => window.removeEventListener("popstate", onBack);
  }, []);
  const go = useCallback<Go>((to, how) => {
    const next = { ...here(), ...to };
    const address = addressOf(next);
    if (address === addressOf(here())) return;
    if (how === "instead") window.history.replaceState(null, "", address);
    else window.history.pushState(null, "", address);
    setPlace(next);
  }, []);
  return [place, go];
}

function here(): Place {
  return placeAt(new URL(window.location.href));
}
