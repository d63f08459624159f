// The chat: sends with ids of its own and repeats them until they are saved; reads the mailbox
// by EventSource, which asks again by itself for whatever it missed.
"use strict";
(() => {
  const chat = document.getElementById("chat");
  const log = document.getElementById("log");
  const choices = document.getElementById("choices");
  const form = document.getElementById("say");
  const text = document.getElementById("text");
  const status = document.getElementById("status");
  const words = chat.dataset;
  let last = null;
  let sending = Promise.resolve();

  // The newest words in sight; of a message taller than the window, its beginning.
  const follow = (box) => {
    const top = box.getBoundingClientRect().top - log.getBoundingClientRect().top;
    if (box.offsetHeight > log.clientHeight) log.scrollTop += top - 8;
    else log.scrollTop = log.scrollHeight;
  };

  // Words as text, never as markup; an address of this very site can be pressed.
  const write = (into, said) => {
    into.replaceChildren(...said.split(/(https?:\/\/\S+[\w/])/).map((part, at) => {
      if (at % 2 === 0 || !part.startsWith(location.origin + "/")) return part;
      const link = document.createElement("a");
      link.href = link.textContent = part;
      link.target = "_blank";
      return link;
    }));
  };

  const bubble = (said, who, step) => {
    const box = document.createElement("div");
    box.className = who === "you" ? "bubble you" : "bubble";
    const name = document.createElement("span");
    name.className = "hide";
    name.textContent = (who === "you" ? words.you : words.city) + ": ";
    box.append(name);
    if (step) {
      const count = document.createElement("span");
      count.className = "step";
      count.textContent = step;
      box.append(count);
    }
    box.said = document.createElement("span");
    box.append(box.said);
    write(box.said, said);
    log.append(box);
    follow(box);
    return box;
  };

  const as = () => document.querySelector("input[name=as]:checked")?.value || "web";

  const button = (reply, label, description) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = label;
    if (description) {
      const small = document.createElement("small");
      small.textContent = description;
      made.append(small);
    }
    if (reply.marked !== undefined && (last.input === "marks" || last.input === "rank")) {
      if (reply.payload.endsWith(":!ok")) made.className = "done";
      else made.setAttribute("aria-pressed", String(reply.marked));
    }
    made.addEventListener("click", () => {
      const marks = (last.input === "marks" || last.input === "rank") && !reply.payload.endsWith(":!ok");
      if (!marks) bubble(label.replace(/^(\d+\. |✓ )/, ""), "you");
      if (!marks) choices.replaceChildren();
      send({ payload: reply.payload });
      text.focus({ preventScroll: true });
    });
    return made;
  };

  const showChoices = () => {
    if (!last) return;
    const platform = as();
    const shape = platform === "web" ? null : last.shapes[platform];
    if (!shape) {
      choices.replaceChildren(...last.replies.map((reply) => {
        const mark = reply.place ? reply.place + "º " : reply.marked ? "✓ " : "";
        const number = reply.number && !mark ? reply.number + ". " : "";
        return button(reply, (mark || number) + reply.label, reply.description);
      }));
    } else if (shape.shape === "list") {
      const sheet = document.createElement("details");
      sheet.open = last.replies.some((r) => r.marked);  // several are being chosen
      const opener = document.createElement("summary");
      opener.textContent = "☰ " + shape.list_label;
      sheet.append(opener, ...shape.replies.map((r) => button(r, r.label, r.description)));
      choices.replaceChildren(sheet);
    } else {
      choices.replaceChildren(...shape.replies.map((r) => button(r, r.label, r.description)));
    }
    if (last.box) write(last.box.said, shape ? shape.texts.join("\n\n") : last.text);
  };

  const show = (message, edit) => {
    document.documentElement.lang = message.language;
    const box = edit && last ? last.box : bubble("", "city", message.step ? message.step + "/" + message.steps : "");
    write(box.said, message.text);
    last = { ...message, box };
    showChoices();
    follow(box);
    document.dispatchEvent(new CustomEvent("tertulia:message"));
  };

  const post = async (body) => {
    for (let wait = 400; ; wait = Math.min(wait * 2, 8000)) {
      try {
        const answer = await fetch("/chat/send?lang=" + words.lang, { method: "POST", body });
        if (answer.ok) return await answer.json();
        if (answer.status < 500) throw Object.assign(new Error(String(answer.status)), { final: true });
      } catch (problem) {
        if (problem.final) throw problem;
      }
      status.textContent = words.offline;
      await new Promise((done) => setTimeout(done, wait));
    }
  };

  const send = (said) => {
    const body = JSON.stringify({ id: crypto.randomUUID(), ...said });
    status.textContent = words.saving;
    sending = sending.then(() => post(body)).then((answer) => {
      status.textContent = words.saved;
      answer.edits.forEach((message) => show(message, true));
      document.dispatchEvent(new CustomEvent("tertulia:saved"));
    }).catch(() => { status.textContent = words.offline; });
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = text.value.trim();
    if (!said) return;
    bubble(said, "you");
    choices.replaceChildren();
    text.value = "";
    send({ text: said });
  });

  document.querySelectorAll("input[name=as]").forEach((tab) => tab.addEventListener("change", showChoices));

  const stream = new EventSource("/chat/stream");
  stream.addEventListener("empty", () => send({ arrive: words.source }));
  stream.addEventListener("message", (event) => show(JSON.parse(event.data), false));
  stream.addEventListener("open", () => { if (status.textContent === words.offline) status.textContent = ""; });
  stream.addEventListener("error", () => { status.textContent = words.offline; });
})();
