/** Styles of the chosen tensor's view. */
import { css } from "lit";

export const tensorViewStyles = css`
  :host {
    display: block;
    container: tensor / inline-size;
  }
  header {
    padding: 10px 16px 0;
  }
  .title {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 12px;
  }
  h2 {
    font-size: 1.08em;
    overflow-wrap: anywhere;
  }
  .steps {
    display: flex;
    margin-left: auto;
  }
  .figures {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 18px;
    min-height: 18px;
  }
  .toolbar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px;
    min-height: 32px;
    padding: 4px 16px 4px 12px;
  }
  .range {
    margin: 0 6px;
  }
  .waiting {
    margin-left: 6px;
    color: var(--ties-muted);
  }
  .options {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 18px;
    margin-left: auto;
  }
  .failure {
    padding: 4px 16px 8px;
  }
  .content {
    display: flex;
    align-items: flex-start;
    gap: 20px;
    padding: 4px 16px 20px;
  }
  .maps {
    flex: 1;
    min-width: 0;
  }
  ties-parameter-panel {
    flex: none;
    position: sticky;
    top: 8px;
    width: 312px;
  }
  .masks {
    --map-max-height: 44vh;
  }
  .masks {
    display: grid;
    grid-template-columns: repeat(var(--mask-columns), 1fr);
    gap: 12px 14px;
  }
  .pair {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(220px, 1fr));
    gap: 0 14px;
    margin-top: 14px;
  }
  .pair > div {
    display: grid;
    grid-row: span 2;
    grid-template-rows: subgrid;
    min-width: 0;
    padding-bottom: 10px;
  }
  .legends {
    min-height: 20px;
    margin-top: 6px;
  }
  .empty {
    padding: 12px 16px;
  }
  .legend.hidden {
    visibility: hidden;
  }
  /* A line of their own unless there is room for both at their longest: the pictures must not move while one zooms. */
  @container tensor (max-width: 1300px) {
    .options {
      width: 100%;
      margin-left: 4px;
    }
  }
  @container tensor (max-width: 640px) {
    .content {
      flex-direction: column;
      align-items: stretch;
    }
    ties-parameter-panel {
      position: static;
      width: auto;
    }
  }
  @container tensor (max-width: 840px) {
    .masks {
      grid-template-columns: repeat(min(2, var(--mask-columns)), 1fr);
    }
  }
  @container tensor (min-width: 1300px) {
    .masks {
      grid-template-columns: repeat(auto-fit, minmax(190px, 1fr));
    }
    ties-parameter-panel {
      width: 380px;
    }
  }
`;
