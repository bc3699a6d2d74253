import { describe, expect, it } from "vitest";
import { addressOf, placeAt } from "../desk/place";
import { question, withField } from "./query";

process.env.TZ = "Europe/Berlin";

const asked = (query: Parameters<typeof question>[0]) => Object.fromEntries(new URLSearchParams(question(query)));

describe("what is asked of the server", () => {
  it("takes days as they are here, the last included, also where the clocks change", () => {
    expect(asked({ from: "2026-10-25", to: "2026-10-25" })).toEqual({
      from: "2026-10-24T22:00:00.000Z",
      to: "2026-10-25T23:00:00.000Z",
    });
  });

  it("takes a last word for a beginning until there is a space behind it", () => {
    expect(asked({ text: "where is my parc" })).toEqual({ text: "where is my parc*" });
    expect(asked({ text: "parcel " })).toEqual({ text: "parcel" });
    expect(asked({ text: "ähnl" })).toEqual({ text: "ähnl*" });
    expect(asked({ text: "pa" })).toEqual({ text: "pa" });
    expect(asked({ text: "parc*" })).toEqual({ text: "parc*" });
  });

  it("leaves out what is empty, and leaves it to the server to say what is no day", () => {
    expect(asked({ text: "  ", contact: " Mia " })).toEqual({ contact: "Mia" });
    expect(asked({ from: "yesterday" })).toEqual({ from: "yesterday" });
    expect(withField({ text: "parcel", tag: "vip" }, "tag", "")).toEqual({ text: "parcel" });
  });
});

describe("a place at the desk", () => {
  it("has an address that leads back to it", () => {
    const places = [
      { conversation: null, spot: null, history: null },
      { conversation: "0190c000-0000", spot: null, history: null },
      { conversation: "0190c000-0000", spot: { interaction: 2, message: null }, history: null },
      { conversation: null, spot: null, history: {} },
      { conversation: null, spot: null, history: { text: "zwölf & mehr", from: "2026-10-25" } },
      { conversation: "0190c000-0000", spot: { interaction: 1, message: "m-1" }, history: { text: "parcel" } },
    ];
    for (const place of places) expect(placeAt(new URL(addressOf(place), "http://desk"))).toEqual(place);
  });
});
