// The studio's page: the app, the canvas it draws on, and the panels around it.

import { createRoot } from "react-dom/client";
import { createApp } from "./app/app";
import { Canvas } from "./field/canvas";
import { StudioProvider } from "./panels/context";
import { NoStudio } from "./panels/NoStudio";
import { Panels } from "./panels/Panels";
import "./styles/index.css";

const field = document.getElementById("field");
const around = document.getElementById("panels");
if (!field || !around) throw new Error("index.html has no #field or no #panels");
const root = createRoot(around);

try {
  const app = await createApp();
  document.title = `${app.name} – Forkframe`;
  const canvas = new Canvas(field, app.host);
  app.attach(canvas);
  Object.assign(window, { forkframe: { app, canvas } }); // for the browser's console, and for tests
  root.render(
    <StudioProvider studio={{ ...app, revision: () => app.store.now.revision }}>
      <Panels />
    </StudioProvider>,
  );
} catch (error) {
  root.render(<NoStudio error={error} />);
  throw error;
}
