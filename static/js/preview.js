// An item in the authors' preview behaves as on the test page; nothing is kept or sent.

import { shapeOf } from "./answers.js";

const form = document.querySelector("form.question");
shapeOf(form).begin(form);
