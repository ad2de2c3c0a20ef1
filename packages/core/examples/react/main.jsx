import { useState } from "react";
import { createRoot } from "react-dom/client";
import { Colored } from "./Colored.jsx";

function App() {
  const [file, setFile] = useState();
  return (
    <>
      <input type="file" accept="image/*" aria-label="Photo" onChange={({ target }) => setFile(target.files[0])} />
      {file && <Colored key={file.name} file={file} />}
    </>
  );
}

createRoot(document.querySelector("#root")).render(<App />);
