import "@fontsource-variable/inter";
import "@mantine/core/styles.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/sign_in.css";
import "./styles/offers.css";
import "./styles/list.css";
import "./styles/history.css";
import "./styles/conversation.css";
import "./styles/details.css";
import "./styles/timeline.css";
import "./styles/composer.css";
import "./styles/board.css";
import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { cssVariables, theme } from "./theme";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <App />
      </MantineProvider>
    </StrictMode>,
  );
}
