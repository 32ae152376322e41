import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Program } from "@testudo/core/model/Program";
import type { Settings } from "../config/Config.ts";
import type { Mailbox } from "../jobs/mailbox.ts";
import type { Stepper } from "../jobs/stepper.ts";
import type { Health } from "./health.ts";
import { openReload, type Reload, type Reloaded, rulesAtStart } from "./reloadRules.ts";
import { watchFiles } from "./watchFiles.ts";

type Fingerprints = { readonly [id: string]: Hex };

interface RulesKeeping {
  /** Absent where no configuration was written: then nothing is read again. */
  readonly settings?: Settings;
  readonly onReloaded?: (reloaded: Reloaded) => void;
  readonly program: Program;
  readonly mailbox: Mailbox;
  readonly health: Health;
  readonly tell: (input: Input) => void;
  readonly stepper: Stepper;
  readonly signal: AbortSignal;
}

/** What lets edited rules in: `begin` writes down which detectors this run starts with, and looks at the files from then on. */
export function keepRules({ settings, onReloaded, program, mailbox, health, tell, stepper, signal }: RulesKeeping): {
  readonly reload: Reload | undefined;
  readonly begin: (stored: Fingerprints | undefined) => void;
} {
  const deliver = (input: Input) => mailbox.deliver(input);
  const opened = settings && openReload({ settings, chainId: program.chainId, stepper, deliver });
  let isRefused = false;
  const reload: Reload | undefined =
    opened &&
    (async (actor) => {
      const reloaded = await opened.reload(actor);
      if (reloaded.state === "applied") health.setDetectors(reloaded.detectors);
      if (reloaded.state === "refused" || isRefused) tell(troubleOf(reloaded));
      isRefused = reloaded.state === "refused";
      return reloaded;
    });
  const begin = (stored: Fingerprints | undefined) => {
    const input = rulesAtStart(stored, stepper.loaded().fingerprints);
    if (input !== undefined) tell(input);
    if (opened && reload)
      watchFiles(opened.files, () => void reload("edited file").then((reloaded) => onReloaded?.(reloaded)), signal);
  };
  return { reload, begin };
}

// Until the files can be used again, the watch says that what stands in them is not what runs.
function troubleOf(reloaded: Reloaded): StreamTrouble {
  const endpoint = "rules";
  if (reloaded.state === "refused")
    return { kind: "trouble", trouble: "rules-refused", endpoint, message: reloaded.reason.split("\n- ")[0]! };
  return { kind: "trouble", trouble: "recovered", endpoint, message: "The rules in the files are those that run." };
}
