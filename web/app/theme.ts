/** Mantine in our colours, with the defaults that make it pass WCAG AA in light and dark. */

import {
  Avatar,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  defaultVariantColorsResolver,
  Menu,
  Modal,
} from "@mantine/core";
import { say } from "./strings";

export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: "620" },
  primaryColor: "gate",
  primaryShade: { light: 8, dark: 4 },
  // Light green carries dark letters: Mantine alone would choose by the light scheme's shade in both.
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    const primary = input.variant === "filled" && input.color === "gate";
    return primary ? { ...colors, color: "var(--mantine-primary-color-contrast)" } : colors;
  },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  colors: {
    gate: [
      "#eefaf6",
      "#d9f1e9",
      "#b3e2d4",
      "#86d2bd",
      "#5fc2a9",
      "#43b397",
      "#2c9a80",
      "#1b8069",
      "#0f6b58",
      "#075445",
    ],
    dark: [
      "#e4ecea",
      "#c3d0cc",
      "#a2b2ad",
      "#6f807b",
      "#3b4945",
      "#2c3834",
      "#222c29",
      "#171f1d",
      "#121918",
      "#0d1312",
    ],
  },
  components: {
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { "aria-label": say.close }, centered: true } }),
    Drawer: Drawer.extend({ defaultProps: { closeButtonProps: { "aria-label": say.close } } }),
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    Avatar: Avatar.extend({ defaultProps: { variant: "filled", color: "gray.7" } }),
  },
});

/** Mantine's own surfaces and texts follow the tokens of styles/tokens.css. */
export const cssVariables: CSSVariablesResolver = () => {
  const both = {
    "--mantine-color-body": "var(--panel)",
    "--mantine-color-text": "var(--ink)",
    "--mantine-color-dimmed": "var(--ink-soft)",
    "--mantine-color-placeholder": "var(--ink-soft)",
    "--mantine-color-default": "var(--panel)",
    "--mantine-color-default-border": "var(--line-strong)",
    "--mantine-color-default-hover": "var(--hover)",
    "--mantine-color-error": "var(--red)",
    "--mantine-primary-color-contrast": "var(--accent-ink)",
  };
  return { variables: {}, light: both, dark: both };
};
