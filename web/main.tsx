import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import {
  type Caller,
  mayPass,
  messageOf,
  RequestError,
  read,
  signIn,
  signOut,
  whenSignedOut,
} from "./api.ts";
import { CaptureStatus, useCapture } from "./capture.tsx";
import { useRawCopies } from "./copied_text.ts";
import { cellText } from "./format.ts";
import { linkTo, useRoute } from "./route.ts";
import { forgetTables } from "./schema.ts";
import { sessionKey, takeSignInCode } from "./session.ts";
import { nextTheme, type Theme, useTheme } from "./theme.ts";
import { ApiView } from "./views/api_view.tsx";
import { ConfigView } from "./views/config_view.tsx";
import { HealthView } from "./views/health_view.tsx";
import { LiveView } from "./views/live_view.tsx";
import { OverviewView } from "./views/overview_view.tsx";
import { ProcessView } from "./views/process_view.tsx";
import { QueryView } from "./views/query_view.tsx";
import { ScheduleView } from "./views/schedule_view.tsx";
import { SignInView } from "./views/sign_in_view.tsx";
import { TablesView } from "./views/tables_view.tsx";
import { useWindowEvent } from "./window_event.ts";
import { useZone } from "./zone.ts";

/** In the order of the navigation, and of the keys Alt+1, Alt+2 … */
const views = [
  { name: "overview", title: "Overview", View: OverviewView },
  { name: "query", title: "Query", View: QueryView },
  { name: "live", title: "Live", View: LiveView },
  { name: "process", title: "Processes", View: ProcessView },
  { name: "schedule", title: "Schedule", View: ScheduleView },
  { name: "health", title: "Health", View: HealthView },
  { name: "tables", title: "Tables", View: TablesView },
  { name: "config", title: "Config", View: ConfigView },
  { name: "api", title: "API", View: ApiView },
] as const;

interface Session {
  readonly caller: Caller | null;
  readonly error: string | null;
}

const signedOut: Session = { caller: null, error: null };
const retryMs = 2000;

function Page() {
  const [theme, setTheme] = useTheme();
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    whenSignedOut((error) => {
      forgetTables();
      setSession({ caller: null, error });
    });
    void openSession(setSession);
  }, []);
  if (session === null) return null;
  if (session.caller === null) {
    return (
      <SignInView
        error={session.error}
        onSignedIn={(caller) => setSession({ caller, error: null })}
      />
    );
  }
  return <Frame caller={session.caller} theme={theme} onTheme={setTheme} />;
}

/** By the link in the address, else by the session that this browser has; a daemon that is away is
 * waited for. */
async function openSession(show: (session: Session) => void): Promise<void> {
  const code = takeSignInCode();
  if (code === null && sessionKey() === null) return show(signedOut);
  for (;;) {
    try {
      const caller = await (code === null ? read<Caller>("/v1/session") : signIn({ code }));
      return show({ caller, error: null });
    } catch (error) {
      const isExpected =
        code === null && error instanceof RequestError && error.problem.status === 401;
      if (isExpected) return show(signedOut);
      if (!mayPass(error)) return show({ caller: null, error: messageOf(error) });
      show({ caller: null, error: `${messageOf(error)} Retrying.` });
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

interface FrameProps {
  readonly caller: Caller;
  readonly theme: Theme;
  readonly onTheme: (theme: Theme) => void;
}

function Frame({ caller, theme, onTheme }: FrameProps) {
  const route = useRoute();
  const known = views.find(({ name }) => name === route.view);
  const current = known ?? { name: route.view, title: "No such view", View: UnknownView };
  const [zone, changeZone] = useZone();
  useViewKeys();
  useRawCopies();
  const capture = useCapture();
  const host = capture.answer?.host;
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    document.title = [current.title, ...(host === undefined ? [] : [host]), "auditql"].join(" – ");
    // On a phone the navigation scrolls.
    link.current?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [current.name, host]);
  const { View } = current;
  return (
    <div class="frame">
      <button
        type="button"
        class="skip"
        onClick={() => document.getElementById("content")?.focus()}
      >
        Skip to the content
      </button>
      <header>
        <nav aria-label="Views">
          <span class="brand">auditql</span>
          {views.map(({ name, title }, at) => (
            <a
              key={name}
              href={linkTo(name)}
              title={`Alt+${at + 1}`}
              {...(name === current.name ? { "aria-current": "page" as const, ref: link } : {})}
            >
              {title}
            </a>
          ))}
        </nav>
        <CaptureStatus of={capture} />
        <div class="account">
          <span class="muted">
            {caller.name} ({caller.role})
          </span>
          <button type="button" onClick={changeZone}>
            Times: {zone === "utc" ? "UTC" : "local"}
          </button>
          <button type="button" onClick={() => onTheme(nextTheme(theme))}>
            Theme: {theme}
          </button>
          <button type="button" onClick={() => void signOut()}>
            Sign out
          </button>
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        <View key={current.name} argument={route.argument} />
      </main>
    </div>
  );
}

/** An address that leads nowhere says so, rather than show another view. */
function UnknownView() {
  const hash = cellText(location.hash);
  return (
    <section>
      <h1>No such view</h1>
      <p>
        The address <code>{hash}</code> is not a view of this page.{" "}
        <a href={linkTo("overview")}>Overview</a>
      </p>
    </section>
  );
}

function useViewKeys(): void {
  useWindowEvent("keydown", (event) => {
    const view = views[Number(event.code.replace("Digit", "")) - 1];
    if (!event.altKey || event.ctrlKey || event.metaKey || view === undefined) return;
    event.preventDefault();
    location.hash = linkTo(view.name);
  });
}

const root = document.getElementById("page");
if (root !== null) render(<Page />, root);
